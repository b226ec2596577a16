"""Walks through the life of jobs, against a model of the documented states."""

import random
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import wait

NAMES = ("one", "two", "three")
ENDS = {"sleep 60": "Stopped", "true": "Completed", "exit 3": "Failed"}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"


class Jobs:
    """The operations of one kind of job, by the name that each kind gives them."""

    def __init__(self, noun: str, role: str, bucket: str) -> None:
        self.noun = noun
        self.role = role
        self.bucket = bucket
        self.client = boto3.client("sagemaker")

    def call(self, verb: str, name: str) -> dict[str, Any]:
        operation = getattr(self.client, f"{verb}_{self.noun.lower()}_job")
        answer: dict[str, Any] = operation(**{f"{self.noun}JobName": name})
        return answer

    def status(self, name: str) -> str:
        return str(self.call("describe", name)[f"{self.noun}JobStatus"])

    def wait(self, name: str) -> str:
        key = f"{self.noun}JobStatus"
        found = wait(lambda: self.call("describe", name), key, "InProgress", "Stopping")
        return str(found[key])

    def names(self) -> set[str]:
        answer = getattr(self.client, f"list_{self.noun.lower()}_jobs")()
        found = answer[f"{self.noun}JobSummaries"]
        return {summary[f"{self.noun}JobName"] for summary in found}

    def create(self, name: str, command: str) -> None:
        entrypoint = {
            "ContainerEntrypoint": ["/bin/sh", "-c"],
            "ContainerArguments": [command],
        }
        machine = {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        }
        if self.noun == "Processing":
            self.client.create_processing_job(
                ProcessingJobName=name,
                AppSpecification={"ImageUri": IMAGE, **entrypoint},
                ProcessingResources={"ClusterConfig": machine},
                RoleArn=self.role,
            )
        else:
            self.client.create_training_job(
                TrainingJobName=name,
                AlgorithmSpecification={
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    **entrypoint,
                },
                OutputDataConfig={"S3OutputPath": f"s3://{self.bucket}/"},
                ResourceConfig=machine,
                StoppingCondition={"MaxRuntimeInSeconds": 60},
                RoleArn=self.role,
            )


def refused(call: Callable[[], Any]) -> str:
    """Return the code of the error that a call must raise."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize("noun", ["Processing", "Training"])
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_finds_the_documented_states(
    noun: str, seed: int, role: str, bucket: str
) -> None:
    jobs, model, chance = (
        Jobs(noun, role, bucket),
        dict[str, str](),
        random.Random(seed),
    )
    for _ in range(25):
        name, act = chance.choice(NAMES), chance.choice(("create", "stop", "delete"))
        state = model.get(name)
        if act == "create":
            command = chance.choice(list(ENDS))
            if state:
                assert refused(lambda n=name: jobs.create(n, "true")) == "ResourceInUse"
            else:
                jobs.create(name, command)
                running = command == "sleep 60"
                model[name] = "InProgress" if running else jobs.wait(name)
                assert running or model[name] == ENDS[command]
        elif state is None:
            code = refused(lambda n=name, a=act: jobs.call(a, n))
            assert code == "ValidationException"
        elif act == "stop" and state == "InProgress":
            jobs.call("stop", name)
            assert jobs.status(name) in ("Stopping", "Stopped")
            model[name] = jobs.wait(name)
            assert model[name] == "Stopped"
        elif act == "stop":
            code = refused(lambda n=name: jobs.call("stop", n))
            assert code == "ValidationException"
        elif state == "InProgress":
            code = refused(lambda n=name: jobs.call("delete", n))
            assert code == "ResourceInUse"
        else:
            jobs.call("delete", name)
            del model[name]
        assert jobs.names() == set(model)
        assert {one: jobs.status(one) for one in model} == model
