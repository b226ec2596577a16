"""Clusters of Amazon EMR for the tests: their roles, steps, logs and processes."""

import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import WaiterError

from localaws.daemon import Connection
from localaws.glue_runtime import place
from tests.localaws.services.functions import trust

Aws = Callable[[str], Any]
BUCKET = "on-time-desk"
PATIENCE = 60
SERVICE, PROFILE, SERVERLESS = "emr-service", "emr-machines", "emr-serverless"
EVERYTHING = {"Effect": "Allow", "Action": ["s3:*", "logs:*"], "Resource": "*"}
RELEASE = "emr-7.12.0"
SPARK = [{"Name": "Spark"}]
ENDLESS = f"""
import time
import boto3
boto3.client("s3").put_object(Bucket="{BUCKET}", Key="begun", Body=b"")
while True: time.sleep(0.1)
"""
RAISING = "import sys\nprint('given', sys.argv[1:])\nraise ValueError('no day')\n"
# CI must have it: there a missing Spark fails these tests
needs_spark = pytest.mark.skipif(
    not place.ready() and not os.environ.get("CI"), reason="needs Spark: make spark"
)


def make_roles(aws: Aws, *statements: dict[str, Any]) -> None:
    """Make the service role, the instance profile, and the role of job runs."""
    iam = aws("iam")
    principals = {
        SERVICE: "elasticmapreduce.amazonaws.com",
        PROFILE: "ec2.amazonaws.com",
        SERVERLESS: "emr-serverless.amazonaws.com",
    }
    for name, principal in principals.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))
    iam.create_instance_profile(InstanceProfileName=PROFILE)
    named = {"InstanceProfileName": PROFILE, "RoleName": PROFILE}
    iam.add_role_to_instance_profile(**named)
    allow(aws, *(statements or (EVERYTHING,)))


def allow(aws: Aws, *statements: dict[str, Any]) -> None:
    """Set what the machines of clusters and the job runs may do."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    for name in (PROFILE, SERVERLESS):
        aws("iam").put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy)
        )


def put(aws: Aws, key: str, text: str) -> str:
    """Store a text and return where it is."""
    aws("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return f"s3://{BUCKET}/{key}"


def step(*words: str, action: str = "CONTINUE", **members: Any) -> dict[str, Any]:
    """Return a step that runs spark-submit."""
    jar = {"Jar": "command-runner.jar", "Args": ["spark-submit", *words]}
    return {
        "Name": "step",
        "ActionOnFailure": action,
        "HadoopJarStep": jar,
        **members,
    }


def machines(keep: bool = True, **members: Any) -> dict[str, Any]:
    """Return Instances of RunJobFlow."""
    groups = [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {"InstanceRole": "CORE", "InstanceType": "m5.2xlarge", "InstanceCount": 2},
    ]
    return {
        "InstanceGroups": groups,
        "KeepJobFlowAliveWhenNoSteps": keep,
        **members,
    }


def asked(**members: Any) -> dict[str, Any]:
    """Return the input of RunJobFlow."""
    return {
        "Name": "desk",
        "ReleaseLabel": RELEASE,
        "LogUri": f"s3://{BUCKET}/logs/",
        "Applications": SPARK,
        "Instances": machines(),
        "JobFlowRole": PROFILE,
        "ServiceRole": SERVICE,
        **members,
    }


def run(aws: Aws, **members: Any) -> str:
    """Start a cluster and return its id."""
    return str(aws("emr").run_job_flow(**asked(**members))["JobFlowId"])


def ready(aws: Aws, **members: Any) -> str:
    """Start a cluster, and wait until it has started."""
    key = run(aws, **members)
    aws("emr").get_waiter("cluster_running").wait(ClusterId=key)
    return key


def add(aws: Aws, cluster: str, *steps: dict[str, Any]) -> list[str]:
    """Add steps and return their ids."""
    emr = aws("emr")
    return list(emr.add_job_flow_steps(JobFlowId=cluster, Steps=steps)["StepIds"])


def status(aws: Aws, cluster: str) -> Any:
    """Return the status of a cluster."""
    return aws("emr").describe_cluster(ClusterId=cluster)["Cluster"]["Status"]


def step_status(aws: Aws, cluster: str, key: str) -> Any:
    """Return the status of a step."""
    found = aws("emr").describe_step(ClusterId=cluster, StepId=key)
    return found["Step"]["Status"]


def ended(aws: Aws, cluster: str, key: str) -> Any:
    """Wait for the end of a step, however it ends, and return its status."""
    try:
        aws("emr").get_waiter("step_complete").wait(ClusterId=cluster, StepId=key)
    except WaiterError as error:
        assert "terminal failure" in str(error), error
    return step_status(aws, cluster, key)


def until(look: Callable[[], Any]) -> Any:
    """Look until something is found, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s")


def keys(aws: Aws, prefix: str) -> list[str]:
    """Return the keys of the objects below a prefix."""
    found = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", ())]


def text(aws: Aws, key: str) -> str:
    """Return the text of a compressed log."""
    body = aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return gzip.decompress(body).decode()


def log(aws: Aws, cluster: str, key: str, name: str) -> str:
    """Return a log of a step."""
    return text(aws, f"logs/{cluster}/steps/{key}/{name}.gz")


def charged(endpoint: Connection, usage: str) -> dict[str, float]:
    """Return what was charged for a usage, by the part of a name before a slash."""
    lines = endpoint.control("GET", "bill")["lines"]
    return {
        one["resource"].partition("/ig-")[0]: one["quantity"]
        for one in lines
        if one["usage"].startswith(usage)
    }


def processes(folder: str) -> int:
    """Return how many processes of applications of this endpoint there are."""
    home = Path(os.environ["LOCALAWS_HOME"])
    count = 0
    for one in psutil.process_iter(["cwd", "cmdline"]):
        words = [one.info["cwd"] or "", *(one.info["cmdline"] or [])]
        count += any(str(home) in word and folder in word for word in words)
    return count
