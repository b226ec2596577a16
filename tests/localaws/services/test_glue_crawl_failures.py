"""Glue crawlers that are refused, fail, or are stopped."""

import io
import itertools

import fastavro
import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.crawling import (
    READ,
    allow,
    crawl,
    crawl_role,
    ended,
    log,
    make,
)
from tests.localaws.services.lake import (
    FLIGHTS,
    Aws,
    put,
)


@pytest.fixture
def glue_role(aws: Aws, bucket: str) -> str:
    """ARN of a role with which Glue may read the bucket."""
    return crawl_role(aws)


def test_a_role_that_misses_a_right_fails_the_crawl(aws: Aws, glue_role: str) -> None:
    put(aws, "flights/a.csv", FLIGHTS)
    allow(aws, READ | {"Action": ["s3:ListBucket"]})
    make(aws, glue_role, "flights/")
    aws("glue").start_crawler(Name="desk")
    last = ended(aws)["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert "not authorized to perform: s3:GetObject" in last["ErrorMessage"]
    assert any("ERROR" in line and "s3:GetObject" in line for line in log(aws))
    allow(aws, READ)
    crawl(aws)


def test_a_bucket_that_is_gone_fails_the_crawl(aws: Aws, glue_role: str) -> None:
    allow(aws, READ | {"Resource": "*"})
    target = {"S3Targets": [{"Path": "s3://nowhere-at-all/x/"}]}
    make(aws, glue_role, "x", Targets=target)
    aws("glue").start_crawler(Name="desk")
    assert "NoSuchBucket" in ended(aws)["LastCrawl"]["ErrorMessage"]


def test_wrong_crawlers_are_refused(aws: Aws, glue_role: str, role: str) -> None:
    glue = aws("glue")
    with pytest.raises(ClientError, match="unable to assume provided role"):
        make(aws, role, "x/")
    make(aws, "crawl", "x/")
    with pytest.raises(ClientError, match="already exists"):
        make(aws, glue_role, "x/")
    with pytest.raises(ClientError, match="starts the crawler by itself"):
        make(aws, glue_role, "x/", "timed", Schedule="cron(0 12 * * ? *)")
    with pytest.raises(ClientError, match="crawls a database"):
        jdbc = {"JdbcTargets": [{"ConnectionName": "c", "Path": "d"}]}
        make(aws, glue_role, "x/", "jdbc", Targets=jdbc)
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.start_crawler(Name="nobody")
    with pytest.raises(ClientError, match="CrawlerNotRunningException"):
        glue.stop_crawler(Name="desk")
    glue.delete_crawler(Name="desk")
    assert glue.list_crawlers()["CrawlerNames"] == []


def test_a_crawl_can_be_stopped_and_runs_once_at_a_time(
    aws: Aws, glue_role: str
) -> None:
    schema = {
        "type": "record",
        "name": "f",
        "fields": [{"name": "flight", "type": "long"}],
    }
    long = io.BytesIO()
    flights = itertools.repeat({"flight": 1}, 500_000)
    fastavro.writer(long, schema, flights, codec="deflate")
    for number in range(200):
        put(aws, f"flights/d={number}/a.avro", long.getvalue())
    make(aws, glue_role, "flights/")
    glue = aws("glue")
    glue.start_crawler(Name="desk")
    with pytest.raises(ClientError, match="CrawlerRunningException"):
        glue.start_crawler(Name="desk")
    glue.stop_crawler(Name="desk")
    assert ended(aws)["LastCrawl"]["Status"] == "CANCELLED"
    (run,) = glue.list_crawls(CrawlerName="desk")["Crawls"]
    assert run["State"] == "STOPPED"
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.get_table(DatabaseName="desk", Name="flights")
