"""Runs of DataBrew that fail, are stopped or take too long; steps that are refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.brew.kitchen import (
    BUCKET,
    EVERYTHING,
    ROLE,
    Aws,
    became,
    dataset,
    done,
    keys,
    lines,
    make_role,
    put,
    ran,
    recipe_job,
    step,
    where,
)

# A regular expression that takes ages on this text.
SLOW = step("EXTRACT_PATTERN", sourceColumn="a", targetColumn="b", pattern="(x+x+)+y")


@pytest.fixture(autouse=True)
def _kitchen(aws: Aws, bucket: str) -> None:
    make_role(aws)
    put(aws, "in.csv", f"a\n{'x' * 60}\n")
    dataset(aws, "in.csv")


def test_a_wrong_column_fails_the_run(aws: Aws) -> None:
    steps = [
        step("UPPER_CASE", sourceColumn="a"),
        step("REMOVE_MISSING", sourceColumn="nothing"),
    ]
    recipe_job(aws, steps, MaxRetries=1)
    run = ran(aws)
    said = (
        "Recipe step 2 (REMOVE_MISSING) failed: Column 'nothing' does not exist. The "
        "columns are: a"
    )
    assert (run["State"], run["ErrorMessage"]) == ("FAILED", said)
    assert run["Attempt"] == 1
    assert keys(aws) == []
    assert lines(aws, run).count(f"ERROR {said}") == 2


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (
            [{**EVERYTHING, "Action": "s3:PutObject"}],
            'perform: s3:GetObject on resource: "arn:aws:s3:::on-time-desk/in.csv"',
        ),
        (
            [{**EVERYTHING, "Action": ["s3:GetObject", "s3:ListBucket"]}],
            'perform: s3:PutObject on resource: "arn:aws:s3:::on-time-desk/out/clean_',
        ),
    ],
)
def test_the_role_is_held_against_iam(
    aws: Aws, statements: list[Any], says: str
) -> None:
    recipe_job(aws, [step("UPPER_CASE", sourceColumn="a")])
    make_role(aws, *statements)
    run = ran(aws)
    assert run["State"] == "FAILED"
    assert says in run["ErrorMessage"]
    assert "AccessDenied" in run["ErrorMessage"]


def test_missing_data_fails_the_run(aws: Aws) -> None:
    aws("s3").delete_object(Bucket=BUCKET, Key="in.csv")
    recipe_job(aws, [])
    run = ran(aws)
    assert run["State"] == "FAILED"
    assert (
        "There is no object to read at s3://on-time-desk/in.csv"
        in (run["ErrorMessage"])
    )


def test_a_run_is_stopped_and_runs_once_at_a_time(aws: Aws) -> None:
    databrew = aws("databrew")
    recipe_job(aws, [SLOW], LogSubscription="DISABLE")
    key = databrew.start_job_run(Name="clean")["RunId"]
    with pytest.raises(ClientError, match=r"ConflictException.*already running"):
        databrew.start_job_run(Name="clean")
    with pytest.raises(ClientError, match=r"ConflictException.*is running"):
        databrew.delete_job(Name="clean")
    became(aws, key, states=("RUNNING",))
    databrew.stop_job_run(Name="clean", RunId=key)
    run = became(aws, key)
    assert run["State"] == "STOPPED"
    assert "ErrorMessage" not in run
    assert "LogGroupName" not in run
    with pytest.raises(ClientError, match="is STOPPED already"):
        databrew.stop_job_run(Name="clean", RunId=key)
    databrew.delete_job(Name="clean")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        databrew.list_job_runs(Name="clean")


def test_a_run_past_its_time_is_ended(aws: Aws, endpoint: Any) -> None:
    sqs, events = aws("sqs"), aws("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    named = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    events.put_rule(Name="all", EventPattern='{"source": ["aws.databrew"]}')
    target = {"Id": "queue", "Arn": named["Attributes"]["QueueArn"]}
    events.put_targets(Rule="all", Targets=[target])
    recipe_job(aws, [SLOW], Timeout=3, MaxRetries=2)
    key = aws("databrew").start_job_run(Name="clean")["RunId"]
    became(aws, key, states=("RUNNING",))
    endpoint.control("POST", "clock", {"seconds": 180})
    run = became(aws, key)
    assert (run["State"], run["ExecutionTime"]) == ("TIMEOUT", 180)
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "DataBrew Job State Change"
    assert event["detail"] == {
        "jobName": "clean",
        "jobRunId": key,
        "severity": "WARN",
        "state": "TIMEOUT",
        "message": "Job run timed out",
    }


def test_a_role_must_trust_databrew(aws: Aws) -> None:
    recipe_job(aws, [])
    for name in ("nobody", "other"):
        with pytest.raises(ClientError, match=f"ValidationException.*role/{name}"):
            aws("databrew").update_recipe_job(
                Name="clean", RoleArn=ROLE.replace("brewer", name)
            )
    aws("iam").delete_role_policy(RoleName="brewer", PolicyName="p")
    aws("iam").delete_role(RoleName="brewer")
    assert "cannot assume the role" in ran(aws)["ErrorMessage"]
    make_role(aws)
    done(aws)


WRONG = {
    "FLATTEN is not valid": step("FLATTEN", sourceColumn="a"),
    "targetColumn is required": step("RENAME", sourceColumn="a"),
    "ConditionExpressions must be": step("REMOVE_VALUES", sourceColumn="a"),
    "LIKE is not a condition": step(
        "UPPER_CASE", where("a", "LIKE", "x"), sourceColumn="a"
    ),
}
REFUSED = {
    "formats numbers as strings": step("NUMBER_FORMAT", sourceColumn="a"),
    "UPPER_CASE Parameters.locale": step("UPPER_CASE", sourceColumn="a", locale="tr"),
    "ConditionExpressions of DELETE": step(
        "DELETE", where("a", "IS", "x"), sourceColumn="a"
    ),
    "IS_INVALID without columnDataType": step(
        "UPPER_CASE", where("a", "IS_INVALID"), sourceColumn="a"
    ),
}


def test_wrong_steps_are_invalid_and_what_does_not_act_is_refused(aws: Aws) -> None:
    databrew = aws("databrew")
    databrew.create_recipe(Name="known", Steps=[])
    for code, steps in (
        ("ValidationException", WRONG),
        ("NotImplementedInLocalEndpoint", REFUSED),
    ):
        for says, given in steps.items():
            with pytest.raises(ClientError, match=f"{code}.*{says}"):
                databrew.create_recipe(Name="clean", Steps=[given])
            with pytest.raises(ClientError, match=f"{code}.*{says}"):
                databrew.update_recipe(Name="known", Steps=[given])
    names = databrew.list_recipes(RecipeVersion="LATEST_WORKING")["Recipes"]
    assert [(one["Name"], one["Steps"]) for one in names] == [("known", [])]


def test_what_a_step_cannot_do_is_said(aws: Aws) -> None:
    typed = step("CHANGE_DATA_TYPE", sourceColumn="a", columnDataType="money")
    for name, given, says in (
        ("b", step("ABSOLUTE", sourceColumn="a", targetColumn="b"), "of type string"),
        ("c", step("DUPLICATE", sourceColumn="a", targetColumn="a"), "already exists"),
        ("d", typed, "'money' is not a type"),
    ):
        recipe_job(aws, [given], name)
        run = ran(aws, name)
        assert run["State"] == "FAILED"
        assert says in run["ErrorMessage"]
