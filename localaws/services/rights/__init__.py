"""What a run or a function may do: its calls are held against the policies of its role.

Held are the services of `demands.KNOWN`; calls of others pass.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaws.errors import AwsError
from localaws.services import iam
from localaws.services.context import Context
from localaws.services.rights.demands import KNOWN, Demands
from localaws.wire import Request, Response

Handler = Callable[[Context, Request], Response]
_CODES = {"s3": "AccessDenied", "sqs": "AccessDenied", "sns": "AuthorizationError"}
_CHANGES = (
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "SetDefaultPolicyVersion",
    "DeleteRole",
)


class Rights:
    """The roles of runs and functions under way, by their access keys.

    Args:
        context: Where policies are.
    """

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._roles: dict[str, str] = {}
        self._sessions: dict[str, str] = {}
        self._known: dict[tuple[str, str, str], bool] = {}
        self._lock = threading.Lock()

    def hold(self, key: str, role: str, session: str = "GlueJobRunnerSession") -> None:
        """Hold the calls of an access key, of a session's name, against a role."""
        with self._lock:
            self._roles[key], self._sessions[key] = role, session

    def drop(self, key: str) -> None:
        """Forget an access key."""
        with self._lock:
            self._roles.pop(key, None)
            self._sessions.pop(key, None)
            self._known = {
                one: is_ for one, is_ in self._known.items() if one[0] != key
            }

    def held(self, key: str) -> bool:
        """Return whether the calls of an access key are held against a role."""
        return key in self._roles

    def forget(self) -> None:
        """Decide anew: policies have changed."""
        with self._lock:
            self._known = {}

    def demand(self, key: str, action: str, resource: str) -> None:
        """Raise AWS's error unless the role of an access key may do something."""
        asked = (key, action, resource)
        role, session = self._roles[key], self._sessions[key]
        if asked not in self._known:
            found = iam.decision(self._aws, role, action, resource)
            self._known[asked] = found == "allowed"
        if not self._known[asked]:
            name = role.rpartition("/")[2]
            account = role.split(":")[4]
            service = action.partition(":")[0]
            raise AwsError(
                _CODES.get(service, "AccessDeniedException"),
                f"User: arn:aws:sts::{account}:assumed-role/{name}/{session}"
                f" is not authorized to perform: {action} on resource: {resource} "
                f"because no identity-based policy allows the {action} action",
                403 if service in _CODES else 400,
            )


def held(handlers: Mapping[tuple[str, str], Handler]) -> dict[Any, Handler]:
    """Return handlers that hold the calls of runs against their roles.

    Args:
        handlers: What answers, where it is not moto.
    """

    def moto(context: Context, request: Request) -> Response:
        return context.moto(request)

    return {
        (service, name): _holding(name, demands, handlers.get((service, name), moto))
        for service, (names, demands) in KNOWN.items()
        for name in names
    }


def _holding(
    operation: str, demands: Callable[..., Demands], answer: Handler
) -> Handler:
    def handle(context: Context, request: Request) -> Response:
        rights = context.part(Rights)
        assert request.scope is not None
        key = request.scope[0]
        if rights.held(key):
            for action, resource in demands(context, request, operation):
                rights.demand(key, action, resource)
        return answer(context, request)

    return handle


def _forget(context: Context, *_: Any) -> None:
    context.part(Rights).forget()


FOLLOWERS = {("iam", name): _forget for name in _CHANGES}
