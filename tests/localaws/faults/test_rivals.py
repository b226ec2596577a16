"""F5: two kernels of one learner ask at the same time."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import boto3

from localaws.home import Connection
from tests.localaws.faults.families import TRAINING, Families, machine
from tests.localaws.sagemaker import hosted
from tests.localaws.sagemaker.conftest import SKLEARN

# What each operation answers when the name is taken.
TAKEN = {
    ("create_model", "ValidationException", "Cannot create already existing model"),
    (
        "create_endpoint_config",
        "ValidationException",
        "Cannot create already existing endpoint configuration",
    ),
    (
        "create_model_package_group",
        "ValidationException",
        "Model Package Group already exists",
    ),
    ("create_training_job", "ResourceInUse", "Training job names must be unique"),
}
KERNEL = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from localaws import client, daemon

client.install(daemon.find())
calls = json.loads(sys.stdin.read())
CONFIG = Config(retries={"total_max_attempts": 1})

def work(number):
    own = boto3.session.Session().client("sagemaker", config=CONFIG)
    told = []
    for name, operation, members in calls:
        try:
            getattr(own, operation)(**members)
            told.append([name, operation, 200, "won", ""])
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            found = error.response["Error"]
            told.append([name, operation, status, found["Code"], found["Message"]])
    return told

with ThreadPoolExecutor(4) as pool:
    print(json.dumps([one for told in pool.map(work, range(4)) for one in told]))
"""


def creations(families: Families) -> list[tuple[str, str, dict[str, Any]]]:
    """Return sixty calls that make something: name, operation, members."""
    job = {
        "AlgorithmSpecification": {**TRAINING, "ContainerEntrypoint": ["/bin/true"]},
        **{**families.definition({}), "ResourceConfig": machine(1)},
    }
    families.sagemaker.create_model(
        ModelName="m",
        ExecutionRoleArn=families.role,
        PrimaryContainer={"Image": SKLEARN},
    )
    variant = hosted.variant("m")
    model = {
        "ExecutionRoleArn": families.role,
        "PrimaryContainer": {"Image": SKLEARN},
    }
    calls: list[tuple[str, str, dict[str, Any]]] = []
    for number in range(15):
        name = f"n-{number}"
        config = {"EndpointConfigName": name, "ProductionVariants": [variant]}
        calls += [
            (name, "create_model", {"ModelName": name, **model}),
            (name, "create_endpoint_config", config),
            (name, "create_model_package_group", {"ModelPackageGroupName": name}),
            (name, "create_training_job", {"TrainingJobName": name, **job}),
        ]
    return calls


def test_one_winner_a_name(endpoint: Connection, families: Families) -> None:
    """F5: of 8 x 60 calls one a name wins, the others are told so, none fails."""
    calls = creations(families)
    assert len(calls) == 60
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", KERNEL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]
    for kernel in kernels:
        assert kernel.stdin is not None
        kernel.stdin.write(json.dumps(calls))
        kernel.stdin.close()
        kernel.stdin = None
    told = [one for kernel in kernels for one in json.loads(kernel.communicate()[0])]
    assert len(told) == 8 * 60
    assert not [one for one in told if one[2] >= 500]
    won = Counter((name, what) for name, what, _, code, _ in told if code == "won")
    assert won == Counter((name, what) for name, what, _ in calls)
    for _, what, _, code, message in told:
        known = [said for one, error, said in TAKEN if (one, error) == (what, code)]
        assert code == "won" or message.startswith(known[0])
    assert len(boto3.client("sagemaker").list_models(MaxResults=100)["Models"]) == 16
