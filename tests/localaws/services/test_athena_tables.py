"""Athena's DDL, CTAS, INSERT, UNLOAD and partitions."""

import pytest

from tests.localaws.services.lake import (
    BUCKET,
    FLIGHTS,
    Aws,
    done,
    failure,
    parquet_of,
    put,
    rows,
    scanned,
    table,
)

MONTHS = """
CREATE EXTERNAL TABLE months (flight bigint, delay double)
PARTITIONED BY (year string, month int) STORED AS PARQUET
LOCATION 's3://on-time-desk/months/'
"""


def keys(aws: Aws, prefix: str) -> list[str]:
    """Return the keys below a prefix."""
    found = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", [])]


@pytest.fixture
def months(aws: Aws, bucket: str) -> None:
    """A table of two months, not yet known to the catalog."""
    for month in (1, 2):
        flights = {"flight": list(range(month * 100)), "delay": [0.5] * month * 100}
        key = f"months/year=2013/month={month}/a.parquet"
        put(aws, key, parquet_of(flights))
    table(aws, MONTHS)


def test_repair_finds_partitions_and_a_where_prunes_them(
    aws: Aws, months: None
) -> None:
    assert rows(aws, "SELECT count(*) FROM months")[1:] == [["0"]]
    assert rows(aws, "MSCK REPAIR TABLE months") == [
        [
            "Partitions not in metastore:\tmonths:year=2013/month=1\t"
            "months:year=2013/month=2"
        ],
        ["Repair: Added partition to metastore months:year=2013/month=1"],
        ["Repair: Added partition to metastore months:year=2013/month=2"],
    ]
    assert rows(aws, "SHOW PARTITIONS months") == [
        ["year=2013/month=1"],
        ["year=2013/month=2"],
    ]
    every = scanned(aws, "SELECT sum(delay) FROM months")
    first = scanned(aws, "SELECT sum(delay) FROM months WHERE month = 1")
    second = scanned(aws, "SELECT sum(delay) FROM months WHERE month > 1")
    assert 0 < first < second
    assert every == first + second
    assert scanned(aws, "SELECT sum(delay) FROM months WHERE year = '2014'") == 0
    sql = "SELECT month, count(*) FROM months WHERE year = '2013' GROUP BY 1 ORDER BY 1"
    assert rows(aws, sql)[1:] == [["1", "100"], ["2", "200"]]


def test_partitions_are_added_and_dropped_by_name(aws: Aws, months: None) -> None:
    done(aws, "ALTER TABLE months ADD PARTITION (year='2013', month=2)")
    assert rows(aws, "SELECT count(*) FROM months")[1:] == [["200"]]
    again = "ALTER TABLE months ADD PARTITION (year='2013', month=2)"
    assert "Partition already exists" in failure(aws, again)
    done(aws, again.replace("ADD", "ADD IF NOT EXISTS"))
    assert "doesn't contain all" in failure(
        aws, "ALTER TABLE months ADD PARTITION (year='2013')"
    )
    done(
        aws,
        "ALTER TABLE months ADD PARTITION (year='x', month=9) LOCATION "
        "'s3://on-time-desk/months/year=2013/month=1/'",
    )
    sql = "SELECT year, count(*) FROM months GROUP BY year ORDER BY year"
    assert rows(aws, sql)[1:] == [["2013", "200"], ["x", "100"]]
    done(aws, "ALTER TABLE months DROP PARTITION (year='2013', month=2)")
    assert rows(aws, "SHOW PARTITIONS months") == [["year=x/month=9"]]


def test_projection_needs_no_partitions_in_the_catalog(aws: Aws, months: None) -> None:
    properties = {
        "projection.enabled": "true",
        "projection.year.type": "enum",
        "projection.year.values": "2012,2013",
        "projection.month.type": "integer",
        "projection.month.range": "1,12",
    }
    shown = ", ".join(f"'{name}'='{value}'" for name, value in properties.items())
    ddl = MONTHS.replace("TABLE months", "TABLE projected")
    done(aws, f"{ddl} TBLPROPERTIES ({shown})")
    sql = "SELECT year, month, count(*) FROM projected GROUP BY 1, 2 ORDER BY 2"
    assert rows(aws, sql)[1:] == [["2013", "1", "100"], ["2013", "2", "200"]]
    dates = properties | {
        "projection.month.type": "date",
        "projection.month.format": "M",
        "projection.month.range": "1,2",
        "projection.year.type": "injected",
    }
    shown = ", ".join(f"'{name}'='{value}'" for name, value in dates.items())
    ddl = MONTHS.replace("TABLE months", "TABLE injected")
    done(aws, f"{ddl} TBLPROPERTIES ({shown})")
    assert "NOT_SUPPORTED: projection of type injected" in failure(
        aws, "SELECT * FROM injected"
    )


def test_columns_and_row_groups_that_are_not_needed_are_not_read(
    aws: Aws, bucket: str
) -> None:
    flights = {"id": list(range(1000)), "text": [f"text {i}" for i in range(1000)]}
    put(aws, "wide/a.parquet", parquet_of(flights))
    table(
        aws,
        "CREATE EXTERNAL TABLE wide (id bigint, text string) STORED AS PARQUET "
        "LOCATION 's3://on-time-desk/wide/'",
    )
    one = scanned(aws, "SELECT sum(id) FROM wide")
    both = scanned(aws, "SELECT * FROM wide")
    assert 0 < one < both
    assert scanned(aws, "SELECT count(*) FROM wide") == 0
    group = scanned(aws, "SELECT id FROM wide WHERE id BETWEEN 150 AND 160")
    assert group == pytest.approx(one / 10, rel=0.05)
    done(aws, "CREATE TABLE o WITH (format='ORC') AS SELECT * FROM wide")
    assert 0 < scanned(aws, "SELECT sum(id) FROM o") < scanned(aws, "SELECT * FROM o")
    done(aws, "CREATE TABLE j WITH (format='JSON') AS SELECT * FROM wide")
    (key,) = keys(aws, "results/tables/")[-1:]
    size = aws("s3").head_object(Bucket=BUCKET, Key=key)["ContentLength"]
    assert key.endswith(".gz")
    assert scanned(aws, "SELECT sum(id) FROM j") == size


def test_ctas_writes_partitions_where_it_is_told(aws: Aws, bucket: str) -> None:
    put(aws, "csv/a.csv", FLIGHTS)
    table(
        aws,
        "CREATE EXTERNAL TABLE flights (carrier string, flight int, delay double) ROW "
        "FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://on-time-desk/csv/' "
        "TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    ctas = (
        "CREATE TABLE {} WITH (format='PARQUET', partitioned_by=ARRAY['carrier'], "
        "external_location='s3://on-time-desk/{}/') AS "
        "SELECT flight, carrier FROM flights"
    )
    execution = done(aws, ctas.format("by_carrier", "by"))
    assert execution["SubstatementType"] == "CREATE_TABLE_AS_SELECT"
    assert execution["StatementType"] == "DDL"
    assert [key.rpartition("/")[0] for key in keys(aws, "by/")] == [
        "by/carrier=AA",
        "by/carrier=UA",
    ]
    manifest = execution["Statistics"]["DataManifestLocation"]
    body = aws("s3").get_object(Bucket=BUCKET, Key=manifest.split("/", 3)[3])["Body"]
    assert len(body.read().splitlines()) == 2
    sql = "SELECT * FROM by_carrier WHERE carrier = 'UA'"
    assert rows(aws, sql) == [["flight", "carrier"], ["1545", "UA"]]
    assert failure(aws, ctas.format("by_carrier", "other")).startswith(
        "TABLE_ALREADY_EXISTS: line 1:1: Destination table "
        "'awsdatacatalog.desk.by_carrier'"
    )
    assert failure(aws, ctas.format("again", "by")).startswith(
        "HIVE_PATH_ALREADY_EXISTS"
    )
    assert failure(
        aws, ctas.format("order", "o").replace("flight, carrier", "carrier, flight")
    ).startswith("HIVE_COLUMN_ORDER_MISMATCH")
    assert "bucketed_by" in failure(
        aws,
        "CREATE TABLE b WITH (bucketed_by=ARRAY['flight'], bucket_count=2) AS "
        "SELECT flight FROM flights",
    )


def test_insert_casts_to_the_table_and_adds_partitions(aws: Aws, bucket: str) -> None:
    table(
        aws,
        "CREATE EXTERNAL TABLE t (id int, v double) PARTITIONED BY (d string) STORED "
        "AS ORC LOCATION 's3://on-time-desk/t/'",
    )
    execution = done(aws, "INSERT INTO t VALUES (1, 2, 'a'), (2, NULL, 'b')")
    assert (execution["StatementType"], execution["SubstatementType"]) == (
        "DML",
        "INSERT",
    )
    done(aws, "INSERT INTO t (d, id) SELECT 'b', 3")
    assert rows(aws, "SELECT * FROM t ORDER BY id")[1:] == [
        ["1", "2.0", "a"],
        ["2", None, "b"],
        ["3", None, "b"],
    ]
    assert rows(aws, "SHOW PARTITIONS t") == [["d=a"], ["d=b"]]
    assert "mismatched column types" in failure(aws, "INSERT INTO t SELECT 1")
    assert failure(aws, "INSERT INTO boats SELECT 1").startswith("TABLE_NOT_FOUND")


def test_unload_writes_files_and_no_table(aws: Aws, bucket: str) -> None:
    sql = (
        "UNLOAD (SELECT 1 AS a, 'x' AS b) TO 's3://on-time-desk/u/' WITH (format='{}')"
    )
    done(aws, sql.format("JSON"))
    (key,) = keys(aws, "u/")
    assert key.endswith(".gz")
    assert failure(aws, sql.format("PARQUET")).startswith("HIVE_PATH_ALREADY_EXISTS")
    assert failure(aws, sql.format("XML").replace("/u/", "/v/")).startswith(
        "INVALID_TABLE_PROPERTY"
    )


def test_views_are_queries(aws: Aws, months: None) -> None:
    done(aws, "MSCK REPAIR TABLE months")
    done(aws, "CREATE VIEW busy AS SELECT month, count(*) AS n FROM months GROUP BY 1")
    assert rows(aws, "SELECT * FROM busy ORDER BY month") == [
        ["month", "n"],
        ["1", "100"],
        ["2", "200"],
    ]
    found = aws("glue").get_table(DatabaseName="desk", Name="busy")["Table"]
    assert found["TableType"] == "VIRTUAL_VIEW"
    assert [
        (column["Name"], column["Type"])
        for column in found["StorageDescriptor"]["Columns"]
    ] == [("month", "int"), ("n", "bigint")]
    again = "VIEW busy AS SELECT 1 AS one"
    assert "already exists" in failure(aws, f"CREATE {again}")
    done(aws, f"CREATE OR REPLACE {again}")
    assert rows(aws, "SELECT * FROM busy") == [["one"], ["1"]]
    assert rows(aws, "SHOW VIEWS") == [["busy"]]
    assert "Cannot drop a view" in failure(aws, "DROP TABLE busy")
    done(aws, "DROP VIEW busy")
    assert rows(aws, "SHOW TABLES") == [["months"]]


def test_what_the_catalog_has_is_shown(aws: Aws, months: None) -> None:
    assert rows(aws, "SHOW DATABASES") == [["desk"]]
    assert rows(aws, "SHOW TABLES IN desk 'mon*'") == [["months"]]
    assert rows(aws, "SHOW TABLES 'x*'") == []
    shown = rows(aws, "DESCRIBE months")
    assert shown[0][0].split() == ["flight", "bigint"]
    assert ["# Partition Information"] in [
        [row[0].split("\t")[0].strip()] for row in shown
    ]
    created = "\n".join(str(row[0]) for row in rows(aws, "SHOW CREATE TABLE months"))
    done(aws, "DROP TABLE months")
    assert rows(aws, "SHOW TABLES") == []
    done(aws, created.replace("`desk.months`", "months"))
    assert [row[0].strip() for row in rows(aws, "SHOW COLUMNS IN months")] == [
        *["flight", "delay", "year", "month"]
    ]
    assert "Database desk is not empty" in failure(aws, "DROP DATABASE desk")
    done(aws, "DROP DATABASE desk CASCADE")
    assert "Table not found" in failure(aws, "DROP TABLE months")
    done(aws, "DROP TABLE IF EXISTS months")


def test_a_table_is_made_once(aws: Aws, months: None) -> None:
    assert "AlreadyExistsException(message:Table months" in failure(aws, MONTHS)
    done(aws, MONTHS.replace("TABLE months", "TABLE IF NOT EXISTS months"))
    assert "Unrecognized file format" in failure(
        aws, MONTHS.replace("months (", "m (").replace("PARQUET", "XLS")
    )
