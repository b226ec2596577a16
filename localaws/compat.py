"""The only place that touches moto's private names.

tests/localaws/test_compat.py is their contract.
"""

import contextlib
import copy
import dataclasses
import io
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.base_backend import BackendDict
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
)
from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import IAMBackend, iam_backends
from moto.moto_api._internal import mock_random
from moto.moto_server import werkzeug_app
from moto.sts.models import sts_backends
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app

from localaws.guard import Credential
from localaws.wire import Request, Response

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
werkzeug_app.DISABLE_GLOBAL_CORS = True
logging.getLogger("werkzeug").setLevel(logging.ERROR)

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LEARNER = "learner"
_S3 = threading.Lock()
_parse_policies = IAMBackend._init_aws_policies
_parsed: list[Any] = []


def _aws_policies(backend: IAMBackend) -> list[Any]:
    """Parse AWS's 1,500 policies once, not twice in each reset."""
    if not _parsed:
        _parsed.extend(_parse_policies(backend))
    return [*map(copy.copy, _parsed)]


IAMBackend._init_aws_policies = _aws_policies


def application() -> WSGI:
    """Return moto's own dispatcher for every service it simulates."""
    return werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)


def call(application: WSGI, request: Request) -> Response:
    """Let moto answer a request.

    Header names with underscores, which WSGI loses, are told to it: S3's metadata
    keys may have them.
    """
    request.environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
        environ_key_for_header(name): name
        for name in request.signed_headers
        if "_" in name
    }
    # An object that is overwritten while it is read makes moto fail.
    with _S3 if request.service == "s3" else contextlib.nullcontext():
        body, status, headers = run_wsgi_app(
            application, request.environ, buffered=True
        )
    return Response(int(status.split()[0]), [*headers], b"".join(body))


def with_body(request: Request, body: bytes) -> Request:
    """Return the same request with another body."""
    stream = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return dataclasses.replace(request, body=body, environ=request.environ | stream)


def rest_operation(service: str, environ: dict[str, Any]) -> str | None:
    """Name the operation that a REST service's method and path ask for."""
    try:
        operation, _ = get_service_router(service).match(MotoRequest(environ))
    except (HTTPException, NotImplementedError, UnknownServiceError):
        return None
    return operation.name


def reset(account: str, access_key: str, secret_key: str) -> None:
    """Empty every service, restart its random ids, and make the learner's user."""
    BackendDict.reset()
    mock_random.seed(0)
    backend = iam_backends[account]["aws"]
    backend.create_user("us-east-1", LEARNER)
    key = backend.create_access_key(LEARNER)
    backend.access_keys.pop(key.access_key_id)
    key.access_key_id, key.secret_access_key = access_key, secret_key
    backend.access_keys[access_key] = key


def credential(account: str, access_key: str) -> Credential | None:
    """Find the secret of a user's key or of a role's session."""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    if session is not None:
        return Credential(session.secret_access_key, session.session_token)
    key = iam_backends[account]["aws"].access_keys.get(access_key)
    if key is None or key.status != "Active":
        return None
    return Credential(key.secret_access_key)


def policy_decision(policy: str, action: str, resource: str) -> str:
    """Decide one action by one policy without conditions.

    Returns:
        `allowed`, `explicitDeny` or `implicitDeny`.
    """
    found = IAMPolicy(json.dumps(json.loads(policy))).is_action_permitted(
        action, resource
    )
    return {
        PermissionResult.PERMITTED: "allowed",
        PermissionResult.DENIED: "explicitDeny",
    }.get(found, "implicitDeny")
