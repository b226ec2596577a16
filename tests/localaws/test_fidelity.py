"""Acts or refuses: no operation and no member of an input is dropped in silence."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from botocore.model import Shape

from localaws import fidelity
from localaws.daemon import Connection
from localaws.sagemaker import HANDLERS
from localaws.store import model

ROOT = Path(__file__).resolve().parents[2]
ACTING = fidelity.services()["sagemaker"]["operations"]


def call(endpoint: Connection, operation: str, body: dict[str, Any]) -> Any:
    """Send an input that botocore's client would not let out."""
    request = AWSRequest(
        "POST",
        endpoint.url,
        {
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        },
        json.dumps(body).encode(),
    )
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    SigV4Auth(keys, "sagemaker", "us-east-1").add_auth(request)
    request.context["localaws"] = endpoint.url.removeprefix("http://")
    response = URLLib3Session().send(request.prepare())
    return response.status_code, json.loads(response.content)


def nested(shape: Shape, path: str, value: Any) -> Any:
    """Return an input of a shape that holds one value at a path."""
    if shape.type_name == "list":
        return [nested(shape.member, path, value)]
    name, _, rest = path.partition(".")
    return {name: nested(shape.members[name], rest, value)} if name else value


def test_every_other_operation_answers_501_with_its_name(
    endpoint: Connection,
) -> None:
    refused = set(model().operation_names) - set(ACTING)
    assert len(refused) > 200
    for name in sorted(refused):
        status, error = call(endpoint, name, {})
        assert (status, error["__type"]) == (501, "NotImplementedInLocalEndpoint")
        assert f"sagemaker:{name} does not act" in error["message"]


def test_every_row_has_a_handler_and_every_handler_a_row() -> None:
    assert set(ACTING) == set(HANDLERS)


@pytest.mark.parametrize(
    "service", ["sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime"]
)
def test_every_member_of_an_acting_operation_is_honoured_or_refused(
    service: str,
) -> None:
    for name in fidelity.services()[service]["operations"]:
        row = fidelity.fidelity(service, name)
        known = set(fidelity.paths(model(service).operation_model(name).input_shape))
        for path in known:
            covered = [p for p in (*row.honours, *row.members) if covers(p, path)]
            assert covered, f"{name} {path}: honour or refuse it in localaws/fidelity/"
        for path in (*row.honours, *row.members, *row.only):
            assert any(covers(path, p) for p in known), f"{name} has no {path}"


def covers(prefix: str, path: str) -> bool:
    """Whether a row's path speaks of a member's path."""
    return prefix == "*" or path == prefix or path.startswith(f"{prefix}.")


def test_each_refused_member_is_refused_by_name_over_the_wire(
    endpoint: Connection,
) -> None:
    for name in ACTING:
        row = fidelity.fidelity("sagemaker", name)
        shape = model().operation_model(name).input_shape
        for path in fidelity.paths(shape):
            longest = max(
                (p for p in row.members if covers(p, path)), key=len, default=None
            )
            if longest is None:
                continue
            status, error = call(endpoint, name, nested(shape, path, "something"))
            assert status == 501, (name, path)
            assert f"sagemaker:{name} {path}" in error["message"]
            assert row.members[longest] in error["message"]


def test_a_member_that_no_model_knows_is_refused(endpoint: Connection) -> None:
    status, error = call(endpoint, "ListModels", {"Colour": "red"})
    assert status == 400
    assert "'colour' is not a member" in error["message"]


def test_a_switch_that_is_off_is_no_request_for_its_effect(
    endpoint: Connection,
) -> None:
    status, error = call(
        endpoint, "CreateTrainingJob", {"EnableNetworkIsolation": False}
    )
    assert (status, error["__type"]) == (400, "ValidationException")


@pytest.mark.parametrize("service", sorted(fidelity.services()))
def test_rows_are_operations_of_the_service(service: str) -> None:
    content = fidelity.services()[service]
    known = model(content["model"]).operation_names
    for name in content["operations"]:
        row = fidelity.fidelity(service, name)
        assert name in known
        assert row.level in fidelity.LEVELS
        assert not row.test or (ROOT / row.test).is_file()


def test_the_table_names_every_operation() -> None:
    table = fidelity.table()
    for content in fidelity.services().values():
        assert content["title"] in table
        for name in content["operations"]:
            assert f"| `{name}` |" in table
