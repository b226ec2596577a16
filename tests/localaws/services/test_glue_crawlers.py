"""Glue crawlers: schemas and partitions that are really found."""

import gzip
import io
import json

import fastavro
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyarrow import orc

from tests.localaws.services.crawling import (
    columns,
    crawl,
    crawl_role,
    log,
    make,
    tables,
)
from tests.localaws.services.lake import (
    BUCKET,
    FLIGHTS,
    Aws,
    failure,
    parquet_of,
    put,
    rows,
)


@pytest.fixture
def glue_role(aws: Aws, bucket: str) -> str:
    """ARN of a role with which Glue may read the bucket."""
    return crawl_role(aws)


def test_a_csv_with_a_header_can_be_queried(aws: Aws, glue_role: str) -> None:
    put(aws, "flights/a.csv", FLIGHTS)
    make(aws, glue_role, "flights/", TablePrefix="raw_")
    crawler = crawl(aws)
    (table,) = tables(aws).values()
    assert table["Name"] == "raw_flights"
    assert columns(table) == [
        ("carrier", "string"),
        ("flight", "bigint"),
        ("delay", "double"),
        ("day", "string"),
    ]
    assert table["Parameters"]["classification"] == "csv"
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert table["Parameters"]["objectCount"] == "1"
    assert rows(aws, "SELECT flight FROM raw_flights WHERE carrier = 'UA'")[1:] == [
        ["1545"]
    ]
    lines = log(aws)
    assert any("Created table raw_flights in database desk" in one for one in lines)
    assert crawler["LastCrawl"]["LogGroup"] == "/aws-glue/crawlers"
    (metrics,) = aws("glue").get_crawler_metrics(CrawlerNameList=["desk"])[
        "CrawlerMetricsList"
    ]
    assert metrics["TablesCreated"] == 1
    (run,) = aws("glue").list_crawls(CrawlerName="desk")["Crawls"]
    assert run["State"] == "COMPLETED"


def test_a_csv_of_strings_alone_has_no_header(aws: Aws, glue_role: str) -> None:
    put(aws, "names/a.csv", "code,name\nUA,United\nAA,American\n")
    put(aws, "mixed/a.csv", "id,v\n1,2\n2,x\n3,\n")
    make(aws, glue_role, "")
    crawl(aws)
    found = tables(aws)
    assert columns(found["names"]) == [("col0", "string"), ("col1", "string")]
    assert "skip.header.line.count" not in found["names"]["Parameters"]
    assert columns(found["mixed"]) == [("id", "bigint"), ("v", "string")]


def test_every_format_is_known(aws: Aws, glue_role: str) -> None:
    flights = {"flight": [1, 2], "delay": [0.5, None], "carrier": ["UA", "AA"]}
    put(aws, "p/a.parquet", parquet_of(flights))
    stripes = io.BytesIO()
    orc.write_table(pa.table(flights), stripes)
    put(aws, "o/a.orc", stripes.getvalue())
    schema = {
        "type": "record",
        "name": "f",
        "fields": [
            {"name": "flight", "type": "long"},
            {"name": "delay", "type": ["null", "double"]},
            {"name": "carrier", "type": "string"},
        ],
    }
    avro = io.BytesIO()
    fastavro.writer(avro, schema, [{"flight": 1, "delay": None, "carrier": "UA"}])
    put(aws, "a/a.avro", avro.getvalue())
    lines = '{"flight":1,"delay":0.5,"carrier":"UA","at":{"x":[1]}}\n{"flight":"?"}\n'
    put(aws, "j/a.json", lines)
    put(aws, "z/a.csv.gz", gzip.compress(FLIGHTS.encode()))
    put(aws, "u/a.bin", b"\x00\x01\x02")
    make(aws, glue_role, "")
    crawl(aws)
    found = tables(aws)
    same = [("flight", "bigint"), ("delay", "double"), ("carrier", "string")]
    assert columns(found["p"]) == columns(found["o"]) == columns(found["a"]) == same
    assert columns(found["j"]) == [
        ("flight", "string"),
        ("delay", "double"),
        ("carrier", "string"),
        ("at", "struct<x:array<int>>"),
    ]
    assert found["z"]["Parameters"]["compressionType"] == "gzip"
    assert "u" not in found
    assert any("u/a.bin" in line and "UNKNOWN" in line for line in log(aws))
    for name in "poajz":
        assert len(rows(aws, f"SELECT * FROM {name}")) > 1


def test_folders_of_one_schema_are_partitions(aws: Aws, glue_role: str) -> None:
    for month in (1, 2):
        body = parquet_of({"flight": [month], "delay": [0.5]})
        put(aws, f"flights/year=2013/month={month}/a.parquet", body)
    make(aws, glue_role, "flights")
    crawl(aws)
    (table,) = tables(aws).values()
    assert table["Name"] == "flights"
    assert table["PartitionKeys"] == [
        {"Name": "year", "Type": "string"},
        {"Name": "month", "Type": "string"},
    ]
    sql = "SELECT flight FROM flights WHERE month = '2'"
    assert rows(aws, sql)[1:] == [["2"]]


def test_a_partition_named_like_a_column_makes_a_table_that_athena_refuses(
    aws: Aws, glue_role: str
) -> None:
    for day in (1, 2):
        put(aws, f"flights/day={day}/a.csv", f"day,flight\n{day},15\n{day},16\n")
    make(aws, glue_role, "flights")
    crawl(aws)
    (table,) = tables(aws).values()
    assert columns(table) == [("day", "bigint"), ("flight", "bigint")]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["day"]
    assert failure(aws, "SELECT flight FROM flights") == (
        "HIVE_INVALID_METADATA: Hive metadata for table flights is invalid: Table "
        "descriptor contains duplicate columns"
    )


def test_folders_without_names_are_partition_0(aws: Aws, glue_role: str) -> None:
    for name in ("jan", "feb"):
        put(aws, f"flights/{name}/a.csv", FLIGHTS)
    make(aws, glue_role, "flights/")
    crawl(aws)
    (table,) = tables(aws).values()
    assert [key["Name"] for key in table["PartitionKeys"]] == ["partition_0"]
    sql = "SELECT count(*) FROM flights WHERE partition_0 = 'feb'"
    assert rows(aws, sql)[1:] == [["2"]]


def test_folders_of_other_schemas_are_tables(aws: Aws, glue_role: str) -> None:
    put(aws, "data/flights/a.csv", FLIGHTS)
    put(aws, "data/planes/a.csv", "tail,seats,built\nN1,100,1999\n")
    put(aws, "data/planes/b.json", '{"tail": "N2"}\n')
    make(aws, glue_role, "data/")
    crawl(aws)
    assert sorted(tables(aws)) == ["a_csv", "b_json", "flights"]
    combined = {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
    put(aws, "more/x/a.csv", "a,b\nx,1\ny,2\n")
    put(aws, "more/y/a.csv", "c,d\nx,1\ny,2\n")
    make(aws, glue_role, "more/", "apart", DatabaseName="apart")
    make(
        aws,
        glue_role,
        "more/",
        "together",
        DatabaseName="together",
        Configuration=json.dumps({"Version": 1.0, **combined}),
    )
    for name, expected in (("apart", ["x", "y"]), ("together", ["more"])):
        crawl(aws, name)
        found = aws("glue").get_tables(DatabaseName=name)["TableList"]
        assert sorted(one["Name"] for one in found) == expected


def test_exclusions_and_hidden_files_are_left_out(aws: Aws, glue_role: str) -> None:
    put(aws, "flights/a.csv", FLIGHTS)
    put(aws, "flights/_SUCCESS", "x")
    put(aws, "flights/old/b.json", '{"a": 1}\n')
    put(aws, "flights/poison.json", '{"a": 1}\n')
    make(aws, glue_role, "flights/", target={"Exclusions": ["old/**", "*.json"]})
    crawl(aws)
    assert list(tables(aws)) == ["flights"]


def test_a_custom_classifier_comes_first(aws: Aws, glue_role: str) -> None:
    put(aws, "names/a.csv", "code;name\nUA;'United; Lines'\n")
    glue = aws("glue")
    csv = {
        "Name": "names",
        "Delimiter": ";",
        "QuoteSymbol": "'",
        "ContainsHeader": "PRESENT",
    }
    glue.create_classifier(CsvClassifier=csv)
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        glue.create_classifier(CsvClassifier=csv)
    make(aws, glue_role, "names/", Classifiers=["names"])
    crawl(aws)
    (table,) = tables(aws).values()
    assert columns(table) == [("code", "string"), ("name", "string")]
    assert rows(aws, "SELECT * FROM names")[1:] == [["UA", "United; Lines"]]
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        make(aws, glue_role, "names/", "other", Classifiers=["nobody"])
    with pytest.raises(ClientError, match="grok pattern"):
        glue.create_classifier(
            GrokClassifier={"Classification": "x", "Name": "g", "GrokPattern": "%{X}"}
        )


def test_a_changed_schema_follows_the_policy(aws: Aws, glue_role: str) -> None:
    put(aws, "f/a.json", '{"a": 1}\n')
    make(aws, glue_role, "f/")
    make(
        aws,
        glue_role,
        "f/",
        "careful",
        DatabaseName="careful",
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    crawl(aws)
    crawl(aws, "careful")
    put(aws, "f/a.json", '{"a": 1, "b": "x"}\n')
    crawl(aws)
    crawl(aws, "careful")
    assert columns(tables(aws)["f"]) == [("a", "int"), ("b", "string")]
    kept = aws("glue").get_table(DatabaseName="careful", Name="f")["Table"]
    assert columns(kept) == [("a", "int")]
    assert any("UpdateBehavior is LOG" in line for line in log(aws, "careful"))
    aws("s3").delete_object(Bucket=BUCKET, Key="f/a.json")
    crawl(aws)
    assert tables(aws)["f"]["Parameters"]["DEPRECATED_BY_CRAWLER"] == "desk"
    policy = {"DeleteBehavior": "DELETE_FROM_DATABASE"}
    aws("glue").update_crawler(Name="desk", SchemaChangePolicy=policy)
    crawl(aws)
    assert tables(aws) == {}


def test_new_folders_only(aws: Aws, glue_role: str) -> None:
    put(aws, "f/d=1/a.csv", FLIGHTS)
    logged = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    recrawl = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    with pytest.raises(ClientError, match="must have UpdateBehavior"):
        make(aws, glue_role, "f/", RecrawlPolicy=recrawl)
    make(aws, glue_role, "f/", RecrawlPolicy=recrawl, SchemaChangePolicy=logged)
    crawl(aws)
    put(aws, "f/d=2/a.csv", FLIGHTS)
    crawl(aws)
    found = aws("glue").get_partitions(DatabaseName="desk", TableName="f")
    assert [one["Values"] for one in found["Partitions"]] == [["1"], ["2"]]


def test_many_partitions_are_registered(aws: Aws, glue_role: str) -> None:
    for number in range(120):
        put(aws, f"flights/d={number}/a.csv", FLIGHTS)
    make(aws, glue_role, "flights/")
    crawl(aws)
    pages = aws("glue").get_paginator("get_partitions")
    found = pages.paginate(DatabaseName="desk", TableName="flights")
    assert sum(len(one["Partitions"]) for one in found) == 120
