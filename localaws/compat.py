"""The only place that touches moto's private names.

tests/localaws/test_compat.py is their contract.
"""

import contextlib
import dataclasses
import datetime as dt
import functools
import io
import logging
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto import backends as moto_modules
from moto.core import utils as moto_utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.core.common_models import BaseModel
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
)
from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from moto.iam import models as iam_models
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom
from moto.moto_server import werkzeug_app
from moto.s3.models import FakeBucket
from moto.sns.utils import FilterPolicyMatcher
from moto.sts.models import sts_backends
from moto.utilities import utils as moto_data
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app

from localaws import service_models
from localaws.guard import Credential
from localaws.wire import Request, Response

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
werkzeug_app.DISABLE_GLOBAL_CORS = True
logging.getLogger("werkzeug").setLevel(logging.ERROR)
# what is put is an object, though its type may say that it is a form
MotoRequest.want_form_data_parsed = property(lambda request: request.method != "PUT")

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LEARNER = "learner"
_CHANGED_MODELS = ("cloudfront", "route53", "s3", "s3control", "sesv2", "sqs")
_S3 = threading.Lock()


def _load(resource: str, load: Callable[[str], Any] = moto_data.load_resource) -> Any:
    """Load data of moto's, but for EC2's types and where it offers them: 48 MB."""
    if resource == "ec2/resources/instance_types.json":
        return {}
    return [] if "instance_type_offerings" in resource else load(resource)


moto_data.load_resource = _load
# moto lists its folders at every request
moto_modules.list_of_moto_modules = functools.cache(
    lambda listed=moto_modules.list_of_moto_modules: [*listed()]
)
AccountSpecificBackend.get_session = service_models.boto_session  # type: ignore


class _Thread(threading.local):
    """The random source and the time of the request that a thread answers."""

    def __init__(self) -> None:
        self.ids = random.Random()
        self.moment: dt.datetime | None = None
        self.depth = 0


def _model(name: str, kind: str, load: Any = moto_utils._load_service_model) -> Any:
    """Give moto the model that the clients here have read; EC2's alone has 11 MB.

    What moto adds to EC2's are two errors; other models it changes, and clients S3's.
    """
    if kind != "service-2" or name in _CHANGED_MODELS:
        return load(name, kind)
    found = service_models.LOADER.load_service_model(name, kind)
    if name != "ec2":
        return found
    added = moto_data.load_resource("ec2/2016-11-15/service-2.moto-extras.json")
    return {**found, "shapes": {**found["shapes"], **added["merge"]["shapes"]}}


moto_utils._load_service_model = _model
_thread = _Thread()


def _urandom(size: int, /, real: Callable[[int], bytes] = os.urandom) -> bytes:
    """Give moto bytes that can be repeated, for its secrets and UUIDs, and others not.

    This endpoint protects nothing with what moto makes up: the learner's own keys are
    chosen elsewhere.
    """
    return _thread.ids.randbytes(size) if _thread.depth else real(size)


class _Ids(MotoRandom):
    """moto's source of ids: a request has its own, so that it can be repeated."""

    def random(self) -> float:
        return _thread.ids.random()

    def getrandbits(self, k: int, /) -> int:
        return _thread.ids.getrandbits(k)


def _now() -> dt.datetime:
    moment = _thread.moment or dt.datetime.now(dt.UTC)
    return moment.replace(tzinfo=None)


# moto's modules hold the function itself, so its code is what is replaced
moto_utils.localaws_now = _now  # type: ignore[attr-defined]
moto_utils.utcnow.__code__ = (lambda: localaws_now()).__code__  # noqa: F821
mock_random.__class__ = _Ids
_make_bucket = FakeBucket.__init__


def _dated_bucket(bucket: FakeBucket, *given: Any, **named: Any) -> None:
    """Make a bucket at the time of its request; moto asks for another."""
    _make_bucket(bucket, *given, **named)
    bucket.creation_date = _thread.moment or bucket.creation_date


FakeBucket.__init__ = _dated_bucket
os.urandom = _urandom
_parsed: list[Any] = []
_changed: list[tuple[Any, str, Any]] = []


def _twin(policy: Any) -> Any:
    """Copy a policy; copy.copy takes eight times as long."""
    twin = object.__new__(type(policy))
    vars(twin).update(vars(policy))
    return twin


def _aws_policies(own: IAMBackend, parse: Any = IAMBackend._init_aws_policies) -> Any:
    """Parse AWS's 1,500 policies once, and for the one partition that is served.

    The first account has the policies themselves, another one copies.
    """
    if own.partition != "aws":
        return []
    if not _parsed:
        _parsed.extend(parse(own))
        iam_models.aws_managed_policies_data = ""
    if own.account_id == _parsed[0].account_id:
        return [*_parsed]
    twins = {id(policy): _twin(policy) for policy in _parsed}
    for policy, name, value in reversed(_changed):
        if id(policy) in twins:
            vars(twins[id(policy)])[name] = value
    return [*twins.values()]


def _change(policy: AWSManagedPolicy, name: str, value: Any) -> None:
    """Change one of AWS's policies, and know how it was."""
    if name in vars(policy):
        _changed.append((policy, name, vars(policy)[name]))
    vars(policy)[name] = value


def _restore() -> None:
    """Let AWS's policies be as they were parsed."""
    while _changed:
        policy, name, value = _changed.pop()
        vars(policy)[name] = value


def _untracked(kind: type[BaseModel], *_: Any, **__: Any) -> BaseModel:
    """Make a model that ends; moto's own dashboard keeps every one for ever."""
    return object.__new__(kind)


IAMBackend._init_aws_policies = _aws_policies
AWSManagedPolicy.__setattr__ = _change
BaseModel.__new__ = _untracked


def application() -> WSGI:
    """Return moto's own dispatcher for every service it simulates."""
    return werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)


@contextlib.contextmanager
def repeatable(seed: str, moment: dt.datetime | None = None) -> Iterator[None]:
    """Let moto make the same ids, at the same time, whenever a block is repeated.

    Args:
        seed: Decides the ids that this thread is given.
        moment: The time that moto sees; None means the clock's.
    """
    before = _thread.ids, _thread.moment
    _thread.ids, _thread.moment = random.Random(seed), moment
    _thread.depth += 1
    try:
        yield
    finally:
        _thread.depth -= 1
        _thread.ids, _thread.moment = before


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
    """Empty every service, and make the learner's user."""
    for kept in BackendDict._instances:
        # moto would make each of them anew first, and only S3 has files to close
        if kept.backend.reset is BaseBackend.reset:
            kept.clear()
    BackendDict.reset()
    _restore()
    with repeatable(LEARNER):
        backend = iam_backends[account]["aws"]
        backend.create_user("us-east-1", LEARNER)
        key = backend.create_access_key(LEARNER)
    backend.access_keys.pop(key.access_key_id)
    key.access_key_id, key.secret_access_key = access_key, secret_key
    backend.access_keys[access_key] = key


def date_learner(account: str, moment: dt.datetime) -> None:
    """Say when the learner's user was made: with the first of restarted endpoints."""
    user = iam_backends[account]["aws"].users[LEARNER]
    user.create_date = moment.replace(tzinfo=None)


def credential(account: str, access_key: str) -> Credential | None:
    """Find the secret of a user's key or of a role's session."""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    if session is not None:
        return Credential(session.secret_access_key, session.session_token)
    key = iam_backends[account]["aws"].access_keys.get(access_key)
    if key is None or key.status != "Active":
        return None
    return Credential(key.secret_access_key)


def principal(account: str, access_key: str) -> str | None:
    """Return the ARN of the user or role that an access key belongs to."""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    if session is not None:
        return session.role_arn
    key = iam_backends[account]["aws"].access_keys.get(access_key)
    return key and f"arn:aws:iam::{account}:user/{key.user_name}"


def sns_matches(
    policy: dict[str, Any],
    scope: str,
    attributes: dict[str, dict[str, str]],
    message: str,
) -> bool:
    """Decide whether a message passes the filter policy of an SNS subscription."""
    return not policy or FilterPolicyMatcher(policy, scope).matches(attributes, message)
