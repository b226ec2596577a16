"""A table of the catalog, rulesets and runs for the tests of data quality."""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.localaws.services.functions import trust

Aws = Callable[[str], Any]
BUCKET, DATABASE, ROLE = "quality-desk", "desk", "gate"
PATIENCE = 120
EVERYTHING = {
    "Effect": "Allow",
    "Action": ["s3:*", "glue:*", "cloudwatch:PutMetricData"],
    "Resource": "*",
}
_COLUMNS = "id int, name string, amount double, day date, code string"
ROWS = """id,name,amount,day,code
1,a,2.5,2026-01-01,x1
2,b,,2026-01-03,x2
3,b,7.5,2026-01-05,y
4,c,-1.0,2026-01-04,
"""


def make_role(aws: Aws, *statements: dict[str, Any], service: str = "glue") -> None:
    """Make the role of the runs."""
    document = trust(f"{service}.amazonaws.com")
    aws("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    allow(aws, *(statements or (EVERYTHING,)))


def allow(aws: Aws, *statements: dict[str, Any]) -> None:
    """Set what the role may do."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    aws("iam").put_role_policy(
        RoleName=ROLE, PolicyName="p", PolicyDocument=json.dumps(policy)
    )


def make_table(
    aws: Aws,
    name: str = "bookings",
    rows: str = ROWS,
    columns: str = _COLUMNS,
    keys: str = "",
) -> None:
    """Make a table of CSV; one with keys has no objects yet."""
    location = f"s3://{BUCKET}/{name}/"
    if rows:
        put(aws, f"{name}/part.csv", rows)
    aws("glue").create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": name,
            "PartitionKeys": _listed(keys),
            "Parameters": {"skip.header.line.count": "1"},
            "StorageDescriptor": storage(location, columns),
        },
    )


def storage(location: str, columns: str = _COLUMNS) -> dict[str, Any]:
    """Return where and how rows are stored."""
    return {
        "Columns": _listed(columns),
        "Location": location,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy."
            "LazySimpleSerDe",
            "Parameters": {"field.delim": ",", "serialization.null.format": ""},
        },
    }


def _listed(columns: str) -> list[dict[str, str]]:
    pairs = (one.split() for one in filter(None, columns.split(", ")))
    return [{"Name": name, "Type": kind} for name, kind in pairs]


def make_desk(aws: Aws) -> None:
    """Make the bucket, the database, the table and the role."""
    aws("s3").create_bucket(Bucket=BUCKET)
    aws("glue").create_database(DatabaseInput={"Name": DATABASE})
    make_table(aws)
    make_role(aws)


def put(aws: Aws, key: str, body: str) -> None:
    """Write an object."""
    aws("s3").put_object(Bucket=BUCKET, Key=key, Body=body.encode())


def source(table: str = "bookings", **options: str) -> dict[str, Any]:
    """Return a data source."""
    named = {"DatabaseName": DATABASE, "TableName": table}
    return {"GlueTable": named | ({"AdditionalOptions": options} if options else {})}


def ruleset(aws: Aws, *rules: str, name: str = "rules") -> str:
    """Make a ruleset and return its name."""
    text = f"Rules = [ {', '.join(rules)} ]"
    aws("glue").create_data_quality_ruleset(Name=name, Ruleset=text)
    return name


def start(aws: Aws, name: str = "rules", **members: Any) -> str:
    """Start an evaluation and return the id of its run."""
    asked = {"DataSource": source(), "Role": ROLE, "RulesetNames": [name], **members}
    return aws("glue").start_data_quality_ruleset_evaluation_run(**asked)["RunId"]


def ended(aws: Aws, key: str) -> Any:
    """Wait for the end of an evaluation and return its run."""
    glue = aws("glue")
    return until(lambda: glue.get_data_quality_ruleset_evaluation_run(RunId=key))


def until(look: Callable[[], Any]) -> Any:
    """Poll a run until it has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = look()
        if run["Status"] in ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"):
            return run
        time.sleep(0.02)
    raise AssertionError(f"the run has not ended after {PATIENCE} s")


def evaluated(aws: Aws, *rules: str, name: str = "rules", **members: Any) -> Any:
    """Hold rules against the table and return the result."""
    ruleset(aws, *rules, name=name)
    run = ended(aws, start(aws, name, **members))
    assert run["Status"] == "SUCCEEDED", run
    (key,) = run["ResultIds"]
    return aws("glue").get_data_quality_result(ResultId=key)


def outcomes(result: Any) -> dict[str, str]:
    """Return the outcome of each rule by its text."""
    return {one["Description"]: one["Result"] for one in result["RuleResults"]}
