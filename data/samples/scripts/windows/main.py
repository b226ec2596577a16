"""An application for Apache Flink: departures counted by airport and hour."""

import json
from pathlib import Path

from pyflink.table import EnvironmentSettings, TableEnvironment

told = json.loads(Path("/etc/flink/application_properties.json").read_text())
desk = {one["PropertyGroupId"]: one["PropertyMap"] for one in told}["desk"]
kafka = f"""'connector' = 'kafka', 'format' = 'json',
  'properties.bootstrap.servers' = '{desk["brokers"]}'"""

DEPARTURES = f"""CREATE TABLE departures (
  origin STRING,
  departed STRING,
  left_at AS TO_TIMESTAMP(SUBSTRING(departed FROM 1 FOR 19)),
  WATERMARK FOR left_at AS left_at - INTERVAL '{desk["delay"]}' HOUR
) WITH ({kafka}, 'topic' = 'landed', 'scan.startup.mode' = 'earliest-offset',
  'properties.group.id' = 'hours', 'scan.watermark.emit.strategy' = 'on-event')"""

HOURS = f"""CREATE TABLE hours (origin STRING, begins TIMESTAMP(3), departures BIGINT)
  WITH ({kafka}, 'topic' = 'hours')"""

COUNT = """INSERT INTO hours
  SELECT origin, window_start, COUNT(*)
  FROM TUMBLE(TABLE departures, DESCRIPTOR(left_at), INTERVAL '1' HOUR)
  GROUP BY origin, window_start, window_end"""


tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
for statement in (DEPARTURES, HOURS, COUNT):
    tables.execute_sql(statement)
