"""What the tests of DataBrew share: a role, data, recipes, runs and their outputs."""

import io
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from tests.localaws.services.functions import trust

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
PATIENCE = 60
ROLE = "arn:aws:iam::123456789012:role/brewer"
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
EVERYTHING = {"Effect": "Allow", "Action": ["s3:*", "glue:*"], "Resource": "*"}


def make_role(aws: Aws, *statements: dict[str, Any]) -> None:
    """Make the role that DataBrew assumes, or set what it may do."""
    iam = aws("iam")
    document = trust("databrew.amazonaws.com")
    if not any(r["RoleName"] == "brewer" for r in iam.list_roles()["Roles"]):
        iam.create_role(RoleName="brewer", AssumeRolePolicyDocument=document)
    policy = {
        "Version": "2012-10-17",
        "Statement": list(statements or (EVERYTHING,)),
    }
    iam.put_role_policy(
        RoleName="brewer", PolicyName="p", PolicyDocument=json.dumps(policy)
    )


def put(aws: Aws, key: str, body: str | bytes) -> None:
    """Put an object into the bucket."""
    raw = body if isinstance(body, bytes) else body.encode()
    aws("s3").put_object(Bucket=BUCKET, Key=key, Body=raw)


def dataset(aws: Aws, key: str, name: str = "flights", **members: Any) -> str:
    """Make a data set of a key, and return its ARN."""
    place = {"S3InputDefinition": {"Bucket": BUCKET, "Key": key}}
    aws("databrew").create_dataset(Name=name, Input=place, **members)
    return f"arn:aws:databrew:us-east-1:123456789012:dataset/{name}"


def step(operation: str, *conditions: dict[str, str], **parameters: Any) -> Any:
    """Return a step; lists and maps among the parameters are put into JSON."""
    given = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    made: dict[str, Any] = {"Action": {"Operation": operation, "Parameters": given}}
    return made | ({"ConditionExpressions": list(conditions)} if conditions else {})


def where(column: str, condition: str, value: Any = None) -> dict[str, str]:
    """Return a condition."""
    made = {"TargetColumn": column, "Condition": condition}
    if value is None:
        return made
    return {**made, "Value": value if isinstance(value, str) else json.dumps(value)}


def recipe_job(
    aws: Aws, steps: Iterable[Any], name: str = "clean", **members: Any
) -> None:
    """Make a recipe of steps, publish it, and make a job of it."""
    databrew = aws("databrew")
    databrew.create_recipe(Name=name, Steps=list(steps))
    databrew.publish_recipe(Name=name)
    given = {
        "Name": name,
        "DatasetName": "flights",
        "RecipeReference": {"Name": name},
        "RoleArn": ROLE,
        "Outputs": [{"Location": {"Bucket": BUCKET, "Key": "out"}}],
    }
    databrew.create_recipe_job(**{**given, **members})


def profile_job(aws: Aws, **members: Any) -> None:
    """Make a profile job."""
    aws("databrew").create_profile_job(
        Name="look",
        DatasetName="flights",
        RoleArn=ROLE,
        OutputLocation={"Bucket": BUCKET, "Key": "out"},
        **members,
    )


def became(aws: Aws, key: str, name: str = "clean", states: Any = ENDED) -> Any:
    """Wait until a run is in one of some states, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = aws("databrew").describe_job_run(Name=name, RunId=key)
        if run["State"] in states:
            return run
        time.sleep(0.03)
    raise AssertionError(f"the run is {run['State']} after {PATIENCE} s")


def ran(aws: Aws, name: str = "clean") -> Any:
    """Run a job to its end, whatever that is."""
    key = aws("databrew").start_job_run(Name=name)["RunId"]
    return became(aws, key, name)


def done(aws: Aws, name: str = "clean") -> Any:
    """Run a job that succeeds."""
    run = ran(aws, name)
    assert run["State"] == "SUCCEEDED", run.get("ErrorMessage")
    return run


def keys(aws: Aws, prefix: str = "out/") -> list[str]:
    """Return the keys of the bucket below a prefix."""
    found = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", ())]


def body(aws: Aws, key: str) -> bytes:
    """Return an object of the bucket."""
    return aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def cooked(aws: Aws, steps: Iterable[Any], name: str = "clean") -> pd.DataFrame:
    """Run steps over the data set, and return the rows of the one output."""
    output = {"Location": {"Bucket": BUCKET, "Key": name}, "Format": "PARQUET"}
    recipe_job(aws, steps, name, Outputs=[output])
    done(aws, name)
    (key,) = keys(aws, f"{name}/")
    return pd.read_parquet(io.BytesIO(body(aws, key)))


def lines(aws: Aws, run: Any) -> list[str]:
    """Return the lines of a run's log."""
    found = aws("logs").get_log_events(
        logGroupName=run["LogGroupName"],
        logStreamName=run["RunId"],
        startFromHead=True,
    )
    return [event["message"] for event in found["events"]]
