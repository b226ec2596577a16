"""How runs of data quality fail, are cancelled, and time out."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from localaws.daemon import Connection
from tests.localaws.quality.gate import (
    BUCKET,
    DATABASE,
    EVERYTHING,
    ROLE,
    Aws,
    allow,
    ended,
    make_desk,
    make_role,
    make_table,
    put,
    ruleset,
    source,
    start,
)
from tests.localaws.quality.test_rulesets import error_of

# Ten thousand million pairs: it does not end by itself.
ENDLESS = (
    'CustomSql "select count(*) from primary a join primary b on a.id <> b.id '
    'join primary c on b.id <> c.id" > 0'
)


@pytest.fixture(autouse=True)
def _desk(aws: Aws) -> None:
    make_desk(aws)


def test_what_is_not_there_or_not_for_the_catalog(aws: Aws) -> None:
    ruleset(aws, "RowCount > 0")
    cases: list[tuple[Callable[[], Any], str, str]] = [
        (lambda: start(aws, "none"), "EntityNotFoundException", "none"),
        (
            lambda: start(aws, DataSource=source("gone")),
            "EntityNotFoundException",
            "desk.gone",
        ),
        (
            lambda: start(aws, AdditionalDataSources={"ref": source("gone")}),
            "EntityNotFoundException",
            "desk.gone",
        ),
        (lambda: start(aws, Role="nobody"), "InvalidInputException", "nobody"),
        (lambda: start(aws, DataSource={}), "InvalidInputException", "data source"),
        (
            lambda: start(aws, DataSource=source(limit="3")),
            "InvalidInputException",
            "limit",
        ),
        (lambda: start(aws, NumberOfWorkers=0), "InvalidInputException", "Workers"),
    ]
    for name, text in (
        ("dynamic", "Rules = [ RowCount > avg(last(3)) ]"),
        ("analyzers", "Rules = [ RowCount > 0 ] Analyzers = [ RowCount ]"),
        ("labels", 'Rules = [ RowCount > 0 labels=["a"="b"] ]'),
    ):
        aws("glue").create_data_quality_ruleset(Name=name, Ruleset=text)
        told = "only supported in AWS Glue ETL"
        cases.append((lambda n=name: start(aws, n), "InvalidInputException", told))
    for act, code, part in cases:
        found, message = error_of(act)
        assert (found, part in message) == (code, True), message
    for get in ("get_data_quality_ruleset_evaluation_run", "get_data_quality_result"):
        member = "RunId" if get.endswith("run") else "ResultId"
        act = getattr(aws("glue"), get)
        code, _ = error_of(lambda act=act, member=member: act(**{member: "none"}))
        assert code == "EntityNotFoundException"


def test_the_role_is_held_against_iam(aws: Aws) -> None:
    ruleset(aws, "RowCount > 0")
    catalog = {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}
    reads = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/bookings/*"],
    }
    silent = {"Effect": "Deny", "Action": "glue:PublishDataQuality", "Resource": "*"}
    options = {"ResultsS3Prefix": f"s3://{BUCKET}/told"}
    for statements, missing in (
        ([reads], "glue:GetTable"),
        ([catalog], "s3:ListBucket"),
        ([catalog, reads, silent], "glue:PublishDataQuality"),
        ([catalog, reads], "s3:PutObject"),
    ):
        allow(aws, *statements)
        run = ended(aws, start(aws, AdditionalRunOptions=options))
        assert run["Status"] == "FAILED"
        assert "AccessDenied" in run["ErrorString"]
        assert f"perform: {missing}" in run["ErrorString"]
        assert "ResultIds" not in run
    assert ended(aws, start(aws))["Status"] == "SUCCEEDED"
    assert len(aws("glue").list_data_quality_results()["Results"]) == 1


def test_a_role_that_glue_may_not_assume(aws: Aws) -> None:
    ruleset(aws, "RowCount > 0")
    aws("iam").delete_role_policy(RoleName=ROLE, PolicyName="p")
    aws("iam").delete_role(RoleName=ROLE)
    make_role(aws, EVERYTHING, service="lambda")
    code, message = error_of(lambda: start(aws))
    assert code == "InvalidInputException"
    assert "assume role permissions" in message


def test_what_ends_a_run(aws: Aws) -> None:
    where = 'IsComplete "id" where "id === 3"'
    ruleset(aws, where, name="where")
    options = {"CustomLogGroupPrefix": "/desk"}
    run = ended(aws, start(aws, "where", AdditionalRunOptions=options))
    assert run["Status"] == "FAILED"
    where_told = {"logGroupName": "/desk/error", "logStreamName": run["RunId"]}
    (told,) = aws("logs").get_log_events(**where_told)["events"]
    assert told["message"] == run["ErrorString"]
    assert run["ErrorString"].startswith(
        f"Rule {where} has provided an invalid where clause :"
    )
    ruleset(aws, "RowCount > 0")
    make_table(aws, "torn", "not parquet", "id int")
    glue = aws("glue")
    table = glue.get_table(DatabaseName=DATABASE, Name="torn")["Table"]
    stored = table["StorageDescriptor"]
    stored["SerdeInfo"]["SerializationLibrary"] = (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    )
    glue.update_table(
        DatabaseName=DATABASE, TableInput={"Name": "torn", "StorageDescriptor": stored}
    )
    run = ended(aws, start(aws, DataSource=source("torn")))
    assert (run["Status"], bool(run["ErrorString"])) == ("FAILED", True)


def make_endless(aws: Aws) -> None:
    rows = "".join(f"{n},a,1,2026-01-01,x\n" for n in range(3000))
    put(aws, "bookings/part.csv", f"id,name,amount,day,code\n{rows}")
    ruleset(aws, ENDLESS, name="endless")


def test_a_run_is_cancelled_once(aws: Aws) -> None:
    make_endless(aws)
    key = start(aws, "endless")
    cancel = aws("glue").cancel_data_quality_ruleset_evaluation_run
    while ran(aws, key) == "STARTING":
        threading.Event().wait(0.02)
    cancel(RunId=key)
    run = ended(aws, key)
    assert (run["Status"], "ResultIds" in run) == ("STOPPED", False)
    assert error_of(lambda: cancel(RunId=key))[0] == "InvalidInputException"
    assert error_of(lambda: cancel(RunId="none"))[0] == "EntityNotFoundException"


def ran(aws: Aws, key: str) -> Any:
    """Return the state of a run."""
    glue = aws("glue")
    return glue.get_data_quality_ruleset_evaluation_run(RunId=key)["Status"]


def test_a_run_has_a_timeout(aws: Aws, endpoint: Connection) -> None:
    make_endless(aws)
    key = start(aws, "endless", Timeout=5)
    while ran(aws, key) == "STARTING":
        threading.Event().wait(0.02)
    endpoint.control("POST", "clock", {"seconds": 360})
    run = ended(aws, key)
    assert (run["Status"], run["ExecutionTime"]) == ("TIMEOUT", 300)
