"""Steps that are not run again, or run again: caching, selection, retries."""

import datetime as dt
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.sagemaker.pipeline_policies import duration, retry_after
from tests.localaws.sagemaker.pipelining import (
    check,
    create,
    definition,
    fail,
    finished,
    get,
    start,
    steps,
    training,
)

HOUR = {"CacheConfig": {"Enabled": True, "ExpireAfter": "PT1H"}}
LOST = """
import os, signal, time
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(30)
"""


def jobs() -> list[str]:
    """Return the names of all training jobs, oldest first."""
    found = boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    return [job["TrainingJobName"] for job in found]


def test_the_same_step_is_not_run_again(role: str, bucket: str) -> None:
    more = {"HyperParameters": {"depth": get("Parameters.Depth")}}
    train = training("Train", "print('auc=0.5')", role, **HOUR)
    train["Arguments"]["HyperParameters"] |= more["HyperParameters"]
    train["Arguments"]["ResourceConfig"]["InstanceType"] = get("Parameters.Type")
    end = fail("End", get("Steps.Train.TrainingJobName"))
    create(definition(train, end, Depth="3", Type="ml.m5.large"), role)
    first = start()
    finished(first)
    before = steps(first)
    assert "CacheHitResult" not in before["Train"]

    same = start(Type="ml.m5.xlarge")
    finished(same)
    after = steps(same)
    assert len(jobs()) == 1
    assert after["Train"]["StepStatus"] == "Succeeded"
    assert after["Train"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert after["Train"]["Metadata"] == before["Train"]["Metadata"]
    assert after["End"]["FailureReason"] == jobs()[0]

    other = start(Depth="4")
    finished(other)
    assert "CacheHitResult" not in steps(other)["Train"]
    again = start()
    finished(again)
    assert steps(again)["Train"]["CacheHitResult"] == {
        "SourcePipelineExecutionArn": first
    }
    assert len(jobs()) == 2


def test_a_cached_result_expires_and_a_failure_is_none(
    endpoint: Any, role: str, bucket: str
) -> None:
    good = training("Good", "print()", role, **HOUR)
    bad = training("Bad", "exit(1)", role, **HOUR)
    create(definition(good, bad), role)
    arns = []
    for hours in (0, 0.5, 1):
        endpoint.control("POST", "clock", {"seconds": hours * 3600})
        arns.append(start())
        finished(arns[-1])
    hits = ["CacheHitResult" in steps(arn)["Good"] for arn in arns]
    assert hits == [False, True, False]
    assert not any("CacheHitResult" in steps(arn)["Bad"] for arn in arns)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("p30d", 30 * 86_400),
        ("P4DT12H", 4.5 * 86_400),
        ("T12H", 43_200),
        ("PT1M30S", 90),
        ("P", None),
        ("3 days", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    found = duration(text)
    assert (found and found.total_seconds()) == seconds


def test_selected_steps_take_over_what_comes_before(role: str, bucket: str) -> None:
    train = training("Train", "print('auc=0.5')", role)
    other = training("Other", "print()", role)
    auc = get("Steps.Train.FinalMetricDataList['auc'].Value")
    judge = check("Judge", auc, get("Parameters.Least"), kind="GreaterThan")
    after = check("After", 1, 1, DependsOn=["Judge"])
    create(definition(train, other, judge, after, Least=0.4), role)
    source = start()
    finished(source)
    config = {
        "SourcePipelineExecutionArn": source,
        "SelectedSteps": [{"StepName": "Judge"}],
    }
    arn = start(members={"SelectiveExecutionConfig": config}, Least="0.6")
    execution = finished(arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert execution["SelectiveExecutionConfig"] == config
    found = steps(arn)
    assert list(found) == ["Train", "Judge"]
    assert found["Train"]["SelectiveExecutionResult"] == {
        "SourcePipelineExecutionArn": source
    }
    assert found["Judge"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert len(jobs()) == 2

    def refused(message: str, *names: str, **members: Any) -> None:
        chosen = {"SelectedSteps": [{"StepName": name} for name in names], **members}
        with pytest.raises(ClientError, match=message) as caught:
            start(members={"SelectiveExecutionConfig": chosen})
        assert caught.value.response["Error"]["Code"] == "ValidationException"

    refused("'No' is not in the pipeline", "No")
    refused("'Judge' lies between", "Train", "After", SourcePipelineExecutionArn=source)
    refused("SourcePipelineExecutionArn is required", "Judge")
    refused("is not an execution of", "Judge", SourcePipelineExecutionArn=_odd(role))


def _odd(role: str) -> str:
    """Run another pipeline, whose first step fails, and return its execution."""
    last = check("Last", 1, 1, DependsOn=["Odd"])
    create(definition(check("Odd", "x", 1), last), role, name="odd")
    arn = start("odd")
    finished(arn)
    chosen = {
        "SelectedSteps": [{"StepName": "Last"}],
        "SourcePipelineExecutionArn": arn,
    }
    with pytest.raises(ClientError, match="'Odd' did not succeed in"):
        start("odd", members={"SelectiveExecutionConfig": chosen})
    return arn


def test_a_job_that_is_lost_is_tried_again(role: str, bucket: str) -> None:
    policy = {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"],
        "IntervalSeconds": 60,
        "BackoffRate": 3,
        "MaxAttempts": 2,
    }
    train = training("Train", LOST, role, RetryPolicies=[policy])
    plain = training("Plain", LOST, role)
    create(definition(train, plain), role)
    arn = start()
    finished(arn)
    found = steps(arn)
    assert found["Plain"]["AttemptCount"] == 1
    assert found["Plain"]["FailureReason"].endswith(
        f"PipelineExecutionArn {arn} and StepId Plain. No retry policy configured for "
        "the exception type SAGEMAKER_JOB_INTERNAL_ERROR."
    )
    assert found["Train"]["AttemptCount"] == 3
    assert "No attempt left" in found["Train"]["FailureReason"]
    assert len([name for name in jobs() if "-Train-" in name]) == 3
    elapsed = found["Train"]["EndTime"] - found["Train"]["StartTime"]
    assert elapsed.total_seconds() > 60 + 180


def test_retries_end() -> None:
    none = dt.timedelta()
    throttled = {"ExceptionType": ["Step.THROTTLING"], "ExpireAfterMin": 2}
    assert retry_after([throttled], "Step.THROTTLING", 9, none) == 256
    late = dt.timedelta(minutes=2)
    assert retry_after([throttled], "Step.THROTTLING", 9, late) is None
    assert retry_after([throttled], "Step.SERVICE_FAULT", 1, none) == 1
    assert retry_after([throttled], "SageMaker.CAPACITY_ERROR", 1, none) is None


def test_a_policy_ends_in_one_way(role: str, bucket: str) -> None:
    both = {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1, "ExpireAfterMin": 1}
    train = training("Train", "print()", role, RetryPolicies=[both])
    with pytest.raises(ClientError, match="either MaxAttempts or ExpireAfterMin"):
        create(definition(train), role)
