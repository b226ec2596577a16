"""Pipelines that cannot be made or run, through the SageMaker Python SDK v3."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from localaws.daemon import Connection
from tests.localaws.sagemaker.family import untrust
from tests.localaws.sagemaker.pipelining import message, trusted
from tests.localaws.sagemaker.racing import WON, race

pytestmark = pytest.mark.filterwarnings("ignore")
MISSING = "ResourceNotFound"
TAKEN = "ValidationException"


@pytest.fixture
def session(endpoint: Connection, bucket: str) -> Any:
    """A pipeline session."""
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    return PipelineSession(default_bucket=bucket)


@pytest.fixture
def url(endpoint: Connection) -> str:
    """A queue for callbacks."""
    return boto3.client("sqs").create_queue(QueueName="work")["QueueUrl"]


@pytest.fixture
def desk(session: Any) -> Callable[..., Any]:
    """Return the pipeline `desk` of some steps."""
    from sagemaker.mlops.workflow.pipeline import Pipeline

    def pipeline(*steps: Any, **members: Any) -> Any:
        return Pipeline("desk", steps=list(steps), sagemaker_session=session, **members)

    return pipeline


def always(name: str = "Always", **members: Any) -> Any:
    """Return a step that has nothing to do."""
    from sagemaker.core.workflow.conditions import ConditionEquals
    from sagemaker.mlops.workflow.condition_step import ConditionStep

    return ConditionStep(name, conditions=[ConditionEquals(1, 1)], **members)


def asking(url: str) -> Any:
    """Return a step that waits for an answer."""
    from sagemaker.mlops.workflow.callback_step import CallbackStep

    return CallbackStep("Ask", url, inputs={}, outputs=[])


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of an error."""
    return caught.value.response["Error"]["Code"]


def test_a_role_that_is_not_there_or_not_trusting(
    desk: Callable[..., Any], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sagemaker.core.helper.iam_role_resolver import RoleValidationError

    pipeline, nobody = desk(always()), "arn:aws:iam::123456789012:role/nobody"
    untrust("ec2.amazonaws.com")
    for given in (role, nobody):
        with pytest.raises(RoleValidationError, match="trust policy does not allow"):
            pipeline.upsert(role_arn=given)
    with pytest.raises(ValueError, match="IAM role 'nobody' does not exist"):
        pipeline.create(role_arn="nobody")
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    for given in (role, nobody):
        with pytest.raises(ClientError, match=f"Could not assume role {given}") as hit:
            pipeline.create(role_arn=given)
        assert code(hit) == "ValidationException"
    with pytest.raises(ClientError) as hit:
        pipeline.describe()
    assert code(hit) == MISSING


@pytest.mark.parametrize(
    "call",
    [
        lambda pipeline, role: pipeline.describe(),
        lambda pipeline, role: pipeline.update(role_arn=role),
        lambda pipeline, role: pipeline.delete(),
        lambda pipeline, role: pipeline.start(),
        lambda pipeline, role: pipeline.list_executions(),
        lambda pipeline, role: pipeline.list_pipeline_versions(),
    ],
    ids=["describe", "update", "delete", "start", "list_executions", "versions"],
)
def test_a_pipeline_that_is_not_there(
    desk: Callable[..., Any], role: str, call: Callable[[Any, str], object]
) -> None:
    pipeline = desk(always())
    with pytest.raises(ClientError, match=r"pipeline/desk' does not exist\.") as caught:
        call(pipeline, trusted(role))
    assert code(caught) == MISSING


def test_one_of_many_creates_wins(desk: Callable[..., Any], role: str) -> None:
    pipeline = desk(always())
    trusted(role)
    assert race(lambda: pipeline.create(role_arn=role)) == [TAKEN] * 4 + [WON]
    with pytest.raises(ClientError, match=r"with name \(desk\) already exists") as hit:
        pipeline.create(role_arn=role)
    assert code(hit) == TAKEN
    assert race(pipeline.delete, 3).count(WON) == 1


def test_definitions_that_cannot_run(desk: Callable[..., Any], role: str) -> None:
    from sagemaker.core.workflow.parameters import ParameterInteger
    from sagemaker.mlops.workflow.fail_step import FailStep

    trusted(role)
    circle = [always("A", depends_on=["B"]), always("B", depends_on=["A"])]
    for steps, error, text in (
        ([always("A"), always("A")], ValueError, r"(?i)duplicate"),
        (circle, ClientError, "Cycle detected"),
        ([], ClientError, "at least one step"),
        ([always("A", depends_on=["None"])], ValueError, "None"),
        (
            [FailStep("A", error_message=ParameterInteger("Lost").to_string())],
            ClientError,
            r"Parameters\.Lost",
        ),
    ):
        with pytest.raises(error, match=text):
            desk(*steps).create(role_arn=role)
    assert not boto3.client("sagemaker").list_pipelines()["PipelineSummaries"]


def test_parameters_that_do_not_fit(desk: Callable[..., Any], role: str) -> None:
    from sagemaker.core.workflow.parameters import ParameterInteger

    depth = ParameterInteger("Depth")
    pipeline = desk(always(), parameters=[depth])
    pipeline.create(role_arn=trusted(role))
    for given, text in (
        ({}, r"Parameter 'Depth' is undefined\."),
        ({"Depth": "three"}, "Expected Integer but found 'three'"),
        ({"Depth": 1, "Colour": "red"}, r"Unknown parameter 'Colour'\."),
    ):
        with pytest.raises(ClientError, match=text) as caught:
            pipeline.start(parameters=given)
        assert code(caught) == "ValidationException"
    with pytest.raises(ClientError, match="has no version 7"):
        pipeline.start(parameters={"Depth": 1}, pipeline_version_id=7)
    assert not pipeline.list_executions()["PipelineExecutionSummaries"]


def test_what_each_state_of_an_execution_allows(
    desk: Callable[..., Any], role: str, url: str
) -> None:
    from sagemaker.core.resources import PipelineExecution

    pipeline = desk(asking(url))
    pipeline.create(role_arn=trusted(role))
    execution = pipeline.start()
    found = PipelineExecution.get(execution.arn)
    token = message(url)["token"]
    for call in (
        pipeline.delete,
        lambda: found.retry(client_request_token=str(uuid.uuid4())),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert code(caught) == "ConflictException"
    # SDK 3.27.0 looks for a member that no execution has
    with pytest.raises(AttributeError, match="client_request_token"):
        found.stop()
    execution.stop()
    found.wait_for_status("Stopping", poll=1)
    assert message(url)["status"] == "Stopping"
    with pytest.raises(ClientError) as caught:
        pipeline.delete()
    assert code(caught) == "ConflictException"
    boto3.client("sagemaker").send_pipeline_execution_step_success(CallbackToken=token)
    found.wait_for_status("Stopped", poll=1, timeout=30)
    with pytest.raises(ClientError, match="is Stopped") as caught:
        execution.stop()
    assert code(caught) == "ConflictException"
    found.retry(client_request_token=str(uuid.uuid4()))
    boto3.client("sagemaker").send_pipeline_execution_step_success(
        CallbackToken=message(url)["token"]
    )
    found.wait_for_status("Succeeded", poll=1, timeout=30)
    pipeline.delete()
    with pytest.raises(ClientError) as caught:
        found.refresh()
    assert code(caught) == MISSING


def test_an_execution_that_fails_says_so(desk: Callable[..., Any], role: str) -> None:
    from sagemaker.core.resources import PipelineExecution
    from sagemaker.core.utils.exceptions import FailedStatusError
    from sagemaker.mlops.workflow.fail_step import FailStep

    pipeline = desk(FailStep("Weak", error_message="too weak"))
    pipeline.create(role_arn=trusted(role))
    execution = pipeline.start()
    with pytest.raises(WaiterError, match="terminal failure"):
        execution.wait(delay=1)
    found = PipelineExecution.get(execution.arn)
    with pytest.raises(FailedStatusError, match="One or multiple steps failed"):
        found.wait_for_status("Succeeded", poll=1)
    (step,) = found.get_all_steps()
    assert (step.step_status, step.failure_reason) == ("Failed", "too weak")


def test_an_execution_that_is_not_there(endpoint: Connection) -> None:
    from sagemaker.core.resources import PipelineExecution

    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/no/execution/abcdefghijkl"
    known = PipelineExecution(pipeline_execution_arn=arn)
    for call in (
        lambda: PipelineExecution.get(arn),
        known.refresh,
        lambda: known.update(pipeline_execution_description="x"),
        lambda: known.retry(client_request_token=str(uuid.uuid4())),
        lambda: list(known.get_all_steps()),
        lambda: list(known.get_all_parameters()),
        known.get_pipeline_definition,
    ):
        with pytest.raises(ClientError, match="does not exist") as caught:
            call()
        assert code(caught) == MISSING


def test_one_of_many_starts_with_one_token_wins(
    desk: Callable[..., Any], role: str
) -> None:
    from sagemaker.core.resources import PipelineExecution

    pipeline = desk(always())
    pipeline.create(role_arn=trusted(role))
    token = str(uuid.uuid4())
    asked = PipelineExecution(pipeline_execution_arn="")
    asked.pipeline_execution_display_name = "one"
    assert race(lambda: asked.start("desk", client_request_token=token)) == [WON] * 5
    (found,) = PipelineExecution.get_all(pipeline_name="desk")
    assert found.pipeline_execution_display_name == "one"
    asked.pipeline_execution_display_name = "other"
    with pytest.raises(ClientError) as caught:
        asked.start("desk", client_request_token=token)
    assert code(caught) == "ConflictException"
