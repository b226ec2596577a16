"""F1 for Athena, Glue crawlers and RDS: what was acknowledged outlives a kill."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg

from localaws import daemon
from tests.localaws.faults.killing import again, kill, running
from tests.localaws.services import database, lake
from tests.localaws.services.crawling import READ, TRUST, crawl, make

GRACE = 20


def servers(home: Path) -> list[int]:
    """Return the PostgreSQL servers whose data is below a home."""
    return [
        one.pid
        for one in psutil.process_iter(["cmdline"])
        if any(str(home) in part for part in one.info["cmdline"] or ())
        and "postgres" in one.info["cmdline"][0]
    ]


def crawled() -> None:
    """Make a lake, and crawl it."""
    boto3.client("s3").create_bucket(Bucket=lake.BUCKET)
    lake.put(boto3.client, "flights/d=1/a.csv", lake.FLIGHTS)
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="crawl", AssumeRolePolicyDocument=TRUST)
    document = {"Version": "2012-10-17", "Statement": [READ]}
    iam.put_role_policy(
        RoleName="crawl", PolicyName="p", PolicyDocument=json.dumps(document)
    )
    make(boto3.client, role["Role"]["Arn"], "flights/")
    crawl(boto3.client)


def seen() -> list[Any]:
    """Return what Athena and Glue describe."""
    glue, athena = boto3.client("glue"), boto3.client("athena")
    answers = (
        glue.get_crawlers()["Crawlers"],
        glue.list_crawls(CrawlerName="desk")["Crawls"],
        glue.get_partitions(DatabaseName="desk", TableName="flights")["Partitions"],
        athena.list_query_executions()["QueryExecutionIds"],
        athena.get_work_group(WorkGroup="desk")["WorkGroup"],
        athena.list_named_queries()["NamedQueryIds"],
    )
    return list(answers)


def test_queries_crawlers_and_workgroups_are_there_again(home: Path) -> None:
    with running():
        crawled()
        athena = boto3.client("athena")
        athena.create_work_group(Name="desk", Description="kept")
        athena.create_named_query(
            Name="q", Database="desk", QueryString="SELECT 1 AS one"
        )
        sql = "SELECT count(*) FROM flights"
        key = lake.done(boto3.client, sql)["QueryExecutionId"]
        endless = lake.started(
            boto3.client,
            "SELECT count(*) FROM UNNEST(sequence(1, 3000000)) AS a(x) "
            "CROSS JOIN UNNEST(sequence(1, 3000000)) AS b(y) WHERE x * y % 7 = 3",
        )
        before = seen()
        again()
        assert seen() == before
        status = lake.ended(boto3.client, endless)["Status"]
        assert status["State"] == "FAILED"
        assert "restarted" in status["StateChangeReason"]
        found = athena.get_query_results(QueryExecutionId=key)["ResultSet"]["Rows"]
        assert found[1]["Data"][0]["VarCharValue"] == "2"
        assert lake.rows(boto3.client, sql)[1:] == [["2"]]


def test_a_database_is_there_again_and_no_process_stays(home: Path) -> None:
    with running():
        instance = database.create(boto3.client)
        with database.connected(instance) as found:
            found.execute("CREATE TABLE t (a int)")
            found.execute("INSERT INTO t VALUES (1)")
        assert servers(home)
        kill()
        end = time.monotonic() + GRACE
        while servers(home) and time.monotonic() < end:
            time.sleep(0.02)
        assert servers(home) == []
        daemon.start()
        instance = database.became(boto3.client, "available")
        with database.connected(instance) as found:
            assert found.execute("SELECT a FROM t").fetchall() == [(1,)]
        daemon.stop()
        assert servers(home) == []
        assert not (home / "rds").exists()
        with running():
            assert database.described(boto3.client) is None
        try:
            database.connected(instance)
        except psycopg.OperationalError:
            return
        raise AssertionError("the server still answers")
