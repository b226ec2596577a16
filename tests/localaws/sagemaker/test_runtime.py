"""InvokeEndpoint's own checks; answers are tested with the endpoints."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_an_endpoint_that_does_not_exist(aws: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError) as caught:
        aws("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"1")
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == "Endpoint none of account 123456789012 not found."


def test_a_body_that_is_too_large(aws: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError, match="less than or equal to"):
        aws("sagemaker-runtime").invoke_endpoint(
            EndpointName="none", Body=b"x" * (26 * 2**20)
        )


@pytest.mark.parametrize("member", ["EnableExplanations", "SessionId"])
def test_members_that_do_not_act_are_refused(
    aws: Callable[[str], Any], member: str
) -> None:
    with pytest.raises(ClientError, match=f"InvokeEndpoint {member}") as caught:
        aws("sagemaker-runtime").invoke_endpoint(
            EndpointName="none", Body=b"1", **{member: "x"}
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_operations_that_do_not_act_are_refused(aws: Callable[[str], Any]) -> None:
    runtime = aws("sagemaker-runtime")
    with pytest.raises(ClientError, match="InvokeEndpointWithResponseStream"):
        runtime.invoke_endpoint_with_response_stream(EndpointName="none", Body=b"1")
