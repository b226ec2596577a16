"""The client side: this process and its children speak to the endpoint, or to nobody.

`install` sets what every AWS SDK reads (environment, settings files) and guards
botocore, because settings alone leave ways out: the SageMaker SDK names the host of
STS itself, and a client that was made earlier keeps its host and its real keys. A
request for an AWS host is turned to the endpoint before it is signed; a request that
would leave the machine is refused before it is sent. `uninstall` undoes all of it.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import botocore.handlers
import botocore.httpsession
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, EndpointConnectionError

from localaws.home import REGION, Connection
from localaws.hosts import turned

POLL_SECONDS = 0.1

_NOWHERE = "http://127.0.0.1:1"
_MARK = "localaws"
_installed = contextlib.ExitStack()
_guard: "Guard | None" = None


class Offline(BotoCoreError):
    """A request that the guard refuses, or that no endpoint answers."""

    fmt = "{reason}"


def _marks(request: Any) -> dict[str, Any]:
    """Return what a request carries along; older botocores give it nothing."""
    if getattr(request, "context", None) is None:
        request.context = {}
    return request.context


class Guard:
    """Turns requests to one endpoint, and lets no other request out.

    Args:
        url: The endpoint; None refuses every request.
        inherited: Whether the environment came so from a parent process.
    """

    def __init__(self, url: str | None, inherited: bool = False) -> None:
        self.netloc = urlsplit(url).netloc if url else None
        self.inherited = inherited

    @property
    def handlers(self) -> list[tuple[str, Callable[..., None]]]:
        """The botocore events that the guard listens to."""
        return [
            ("before-endpoint-resolution.s3", self.accelerate),
            ("before-sign", self.reroute),
            ("before-send", self.admit),
            ("needs-retry", self.explain),
        ]

    def accelerate(self, builtins: dict[str, Any], **_: Any) -> None:
        """Let botocore name S3's accelerated host, which no own endpoint may have."""
        if self.netloc and builtins.get("AWS::S3::Accelerate"):
            builtins["SDK::Endpoint"] = None
            builtins["AWS::S3::ForcePathStyle"] = False

    def reroute(self, request: Any, **_: Any) -> None:
        """Turn a request for an AWS host to the endpoint, before it is signed."""
        if self.netloc:
            request.url = turned(request.url, self.netloc)

    def admit(self, request: Any, **_: Any) -> None:
        """Refuse a request for another host; mark the others as guarded."""
        self._check_host(request.url)
        _marks(request)[_MARK] = self.netloc

    def explain(self, caught_exception: Exception | None = None, **_: Any) -> None:
        """Say how to bring back an endpoint that does not answer."""
        if isinstance(caught_exception, EndpointConnectionError):
            raise Offline(
                reason="The local AWS endpoint does not answer: run cloud.start(), "
                "or `python -m localaws start`, and make the client again."
            ) from caught_exception

    def check_sent(self, request: Any) -> None:
        """Refuse a request that did not pass this guard, whoever made its client."""
        self._check_host(request.url)
        if _marks(request).get(_MARK) != self.netloc:
            raise Offline(
                reason="This client or session was made before cloud.start(), "
                "perhaps with real keys: nothing was sent. Make it again."
            )

    def _check_host(self, url: str) -> None:
        if self.netloc is None:
            raise Offline(
                reason="The local AWS endpoint is not started and nothing may leave "
                "this machine: run cloud.start()."
            )
        netloc = urlsplit(url).netloc
        if netloc != self.netloc:
            raise Offline(
                reason=f"{netloc} is not the local AWS endpoint {self.netloc}: nothing "
                "was sent. If the client was made before the last cloud.start(), "
                "make it again."
            )


def settings(connection: Connection) -> dict[str, str]:
    """Return the environment with which any AWS SDK speaks to the endpoint only.

    Writes the settings files that it names into the endpoint's home.

    Args:
        connection: The endpoint.
    """
    folder = Path(connection.home) / "client"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {
        "config": "[default]\n"
        "s3 =\n  signature_version = s3v4\n  addressing_style = path\n"
        f"region = {connection.region}\n"
        f"endpoint_url = {connection.url}\n"
        "disable_host_prefix_injection = true\n",
        "credentials": "[default]\n"
        f"aws_access_key_id = {connection.access_key}\n"
        f"aws_secret_access_key = {connection.secret_key}\n",
        "sagemaker.yaml": "SchemaVersion: '1.0'\nSageMaker:\n  PythonSDK:\n"
        "    Modules:\n      TelemetryOptOut: true\n",
    }
    for name, text in files.items():
        _write(folder / name, text)
    return {
        **_basics(connection.url, connection.region),
        "AWS_ACCESS_KEY_ID": connection.access_key,
        "AWS_SECRET_ACCESS_KEY": connection.secret_key,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(folder / "sagemaker.yaml"),
        # the SDK checks the schema of what is in each of the two, for 60 ms a call
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
        "BOTOCORE_EXPERIMENTAL__PLUGINS": f"localaws={__name__}",
    }


def install(connection: Connection) -> None:
    """Point this process and its future children at the endpoint, and guard them.

    Args:
        connection: The endpoint.
    """
    uninstall()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_environment(settings(connection)))
        stack.enter_context(_armed(Guard(connection.url)))
        _installed.push(stack.pop_all())


def seal() -> None:
    """Let no AWS request of this process out: the state in which a start failed."""
    uninstall()
    dead = {
        "AWS_ACCESS_KEY_ID": "AKIASEALEDSEALEDSEAL",
        "AWS_SECRET_ACCESS_KEY": "sealed",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with contextlib.ExitStack() as stack:
        stack.enter_context(_environment(_basics(_NOWHERE, REGION) | dead))
        stack.enter_context(_armed(Guard(None)))
        _installed.push(stack.pop_all())


def uninstall() -> None:
    """Undo `install` or `seal`; without one, do nothing."""
    _installed.close()


def initialize_client_plugin(client: BaseClient) -> None:
    """Guard a client of a child process; botocore calls this by its plugin hook.

    Args:
        client: The client that was just made.
    """
    url = os.environ.get("AWS_ENDPOINT_URL")
    if _guard is None and url:
        _installed.enter_context(_armed(Guard(url, inherited=True)))
    if _guard is not None and _guard.inherited:
        for event, handler in _guard.handlers:
            client.meta.events.register(event, handler, unique_id=f"{_MARK}-{event}")


@contextlib.contextmanager
def _armed(guard: Guard) -> Iterator[None]:
    global _guard
    sessions = [botocore.httpsession.URLLib3Session]
    if "aiobotocore.httpsession" in sys.modules:
        sessions.append(sys.modules["aiobotocore.httpsession"].AIOHTTPSession)
    real_sends = [session.send for session in sessions]
    real_sleep = time.sleep

    def sleep(seconds: float) -> None:
        real_sleep(_cap(seconds, sys._getframe(1)))

    _guard = guard
    botocore.handlers.BUILTIN_HANDLERS.extend(guard.handlers)
    for session, send in zip(sessions, real_sends, strict=True):
        session.send = _checked(send)
    time.sleep = sleep
    _forget()
    try:
        yield
    finally:
        _guard = None
        for handler in guard.handlers:
            botocore.handlers.BUILTIN_HANDLERS.remove(handler)
        for session, send in zip(sessions, real_sends, strict=True):
            session.send = send
        time.sleep = real_sleep
        _forget()


@contextlib.contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    touched = {name for name in os.environ if name.startswith("AWS_")} | set(wanted)
    before = {name: os.environ.get(name) for name in touched}
    for name in touched:
        os.environ.pop(name, None)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _basics(url: str, region: str) -> dict[str, str]:
    direct = [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, direct)),
        "no_proxy": ",".join(filter(None, direct)),
    }


def _checked(send: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: Any, request: Any) -> Any:
        if _guard is not None:
            _guard.check_sent(request)
        return send(self, request)

    return checked


def _cap(seconds: float, caller: FrameType) -> float:
    module = caller.f_globals.get("__name__", "")
    if module == "botocore.waiter":
        # A waiter counts its polls: about a tenth late, so that the count still
        # covers a job of many minutes.
        polls = caller.f_locals.get("num_attempts", 0)
        return min(seconds, POLL_SECONDS * 1.1**polls)
    if module.startswith("sagemaker."):
        return min(seconds, POLL_SECONDS)
    return seconds


def _forget() -> None:
    """Drop the cached sessions and clients of the libraries that are loaded."""
    if "boto3" in sys.modules:
        sys.modules["boto3"].DEFAULT_SESSION = None
    if "sagemaker.core.utils.utils" in sys.modules:
        sys.modules["sagemaker.core.utils.utils"].SageMakerClient.reset()
    if "s3fs" in sys.modules:
        sys.modules["s3fs"].S3FileSystem.clear_instance_cache()


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    descriptor, new = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(new).replace(path)
