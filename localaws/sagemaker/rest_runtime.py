"""A runtime of SageMaker that speaks REST: its operations, told from a request."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import OperationModel

from localaws import rest
from localaws.errors import AwsError, ValidationError
from localaws.fidelity import check_members, check_values, fidelity, refuse
from localaws.sagemaker.engine import Engine
from localaws.validate import validate
from localaws.wire import Request, Response, json_response, project

Members = dict[str, Any]
Handler = Callable[[Engine, Members], Members]


class RestRuntime:
    """The operations of one such service.

    Args:
        service: botocore's name of it.
        handlers: What each operation does.
        invalid: Makes the error of an input that breaks the model, of its text.
    """

    def __init__(
        self,
        service: str,
        handlers: Mapping[str, Handler],
        invalid: Callable[[str], AwsError] = ValidationError,
    ) -> None:
        self._service = service
        self._handlers = handlers
        self._invalid = invalid

    def operation_of(self, request: Request) -> tuple[OperationModel, Members] | None:
        """Return the operation that a request names, and its input."""
        return rest.find(self._service, request)

    def invoke(
        self,
        engine: Engine,
        request: Request,
        operation: OperationModel,
        given: Members,
    ) -> Response:
        """Answer one operation.

        Args:
            engine: What it acts with.
            request: What was sent.
            operation: What it asks for.
            given: Its input.
        """
        if fidelity(self._service, operation.name).level == "refused":
            raise refuse(self._service, operation.name, operation.documentation)
        check_members(self._service, operation, given)
        try:
            validate(operation.input_shape, given)
        except ValidationError as error:
            raise self._invalid(error.message) from error
        check_values(self._service, operation, given)
        output = self._handlers[operation.name](engine, given)
        answer = project(operation.output_shape, output)
        return json_response(answer, "application/json")
