"""A stream of Amazon Kinesis as a frame: connection options, formats, the catalog."""

import datetime as dt
import re
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from localaws.glue_runtime import catalog, window
from localaws.glue_runtime.formats import truth
from localaws.glue_runtime.inference import INFERRED
from localaws.glue_runtime.kinesis_shards import Reading, Shards
from localaws.glue_runtime.kinesis_source import KinesisSource
from localaws.glue_runtime.refusing import NotActingHere, only

Options = dict[str, Any]
ARRIVED = "__src_timestamp"
_KNOWN = {
    "typeOfData",
    "streamARN",
    "streamName",
    "endpointUrl",
    "classification",
    "delimiter",
    "startingPosition",
    "maxFetchTimeInMs",
    "maxFetchRecordsPerShard",
    "maxRecordPerRead",
    "addIdleTimeBetweenReads",
    "idleTimeBetweenReadsInMs",
    "numRetries",
    "avoidEmptyBatches",
    "schema",
    "inferSchema",
    "addRecordTimestamp",
}
_OURS = r"https://kinesis\.[a-z0-9-]+\.amazonaws\.com/?"
opened: list[KinesisSource] = []


def from_options(session: SparkSession, options: Options) -> DataFrame:
    """Return a stream as a streaming frame.

    Args:
        session: Spark's.
        options: `connection_options`.
    """
    only("kinesis connection_options", options, _KNOWN)
    if not window.streaming():
        raise NotActingHere(
            "connection_type='kinesis' in a job that is not gluestreaming",
            "reads the stream in a streaming job",
        )
    if not re.fullmatch(_OURS, options.get("endpointUrl", _OURS)) and (
        "endpointUrl" in options
    ):
        raise NotActingHere(
            f"endpointUrl={options['endpointUrl']!r}", "reads the stream from there"
        )
    made = _payload(options)
    source = KinesisSource(session, Shards(_reading(options)), _begin(options))
    opened.append(source)
    columns = [made]
    if truth(options.get("addRecordTimestamp", False)):
        columns.append(f.col("arrived").alias(ARRIVED))
    data = source.frame().select(columns)
    return data if INFERRED in data.columns else _flat(data)


def _flat(data: DataFrame) -> DataFrame:
    rest = [one for one in data.columns if one != "payload"]
    return data.select("payload.*", *rest)


def _payload(options: Options) -> Column:
    kind, text = options.get("classification"), f.col("data").cast("string")
    if kind not in ("json", "csv"):
        raise NotActingHere(
            f"classification={kind!r} of a stream (here json and csv)",
            "reads records of that format",
        )
    if truth(options.get("inferSchema", False)):
        if kind != "json":
            raise NotActingHere(
                f"inferSchema of classification={kind!r}", "finds out the columns"
            )
        return text.alias(INFERRED)
    schema = options.get("schema")
    if not schema:
        raise ValueError("a stream needs the option schema, or inferSchema='true'")
    if kind == "json":
        return f.from_json(text, schema).alias("payload")
    separator = {"sep": str(options.get("delimiter", ","))}
    return f.from_csv(text, schema, separator).alias("payload")


def _reading(options: Options) -> Reading:
    arn, name = options.get("streamARN"), options.get("streamName")
    if not arn and not name:
        raise ValueError("a stream needs the option streamARN or streamName")
    idle = 0
    if truth(options.get("addIdleTimeBetweenReads", False)):
        idle = int(options.get("idleTimeBetweenReadsInMs", 1000))
    return Reading(
        stream={"StreamARN": arn} if arn else {"StreamName": str(name)},
        per_shard=int(options.get("maxFetchRecordsPerShard", 100_000)),
        per_read=int(options.get("maxRecordPerRead", 10_000)),
        seconds=int(options.get("maxFetchTimeInMs", 1000)) / 1000,
        idle=idle / 1000,
        tries=int(options.get("numRetries", 3)) + 1,
    )


def _begin(options: Options) -> Options:
    where = str(options.get("startingPosition", "latest"))
    if where.lower() == "latest":
        return {"latest": True}
    if where.lower() in ("trim_horizon", "earliest"):
        return {}
    try:
        moment = dt.datetime.fromisoformat(where)
    except ValueError as error:
        raise ValueError(f"startingPosition: {where!r} is none") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return {"at": moment.timestamp()}


def of_table(found: catalog.Table) -> Options | None:
    """Return the connection options of a table of a stream; None of another table.

    Args:
        found: As GetTable gives it.
    """
    where = found["StorageDescriptor"]
    told = {**found.get("Parameters", {}), **where.get("Parameters", {})}
    if told.get("typeOfData") != "kinesis":
        return None
    columns = ", ".join(f"`{name}` {kind}" for name, kind in catalog.columns(found))
    options = {
        "classification": told.get("classification"),
        "endpointUrl": told.get("endpointUrl"),
        "streamARN": told.get("streamARN"),
        "streamName": told.get("streamName") or where.get("Location"),
        "schema": columns,
        "delimiter": told.get("delimiter"),
    }
    return {name: value for name, value in options.items() if value}
