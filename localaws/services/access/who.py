"""Who asks: the user or the role's session of an access key, with its policies."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.iam.models import IAMBackend, Role, User, iam_backends
from moto.sts.models import sts_backends

from localaws import policies
from localaws.compat import LEARNER
from localaws.errors import AwsError
from localaws.guard import EXAMINER_KEY
from localaws.loopback import ENGINE_KEY, Session
from localaws.policies import Policy, Principal
from localaws.services.context import Context
from localaws.wire import Request

ACCOUNT = "123456789012"
_EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


@dataclass(frozen=True)
class Asker:
    """A user, or a session of a role.

    Attributes:
        principal: As policies name it.
        identity: Its policies, of its groups too.
        boundary: Its permissions boundary.
        session: The policy that its session was made with.
        learner: Whether it is the account's administrator.
    """

    principal: Principal
    identity: tuple[Policy, ...]
    boundary: Policy | None = None
    session: Policy | None = None
    learner: bool = False

    @property
    def arn(self) -> str:
        """The name by which refusals call it."""
        return self.principal.session or self.principal.arn

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The values of the condition keys that tell who asks."""
        principal = self.principal
        role = principal.kind == "role"
        told = {
            "aws:principalarn": principal.arn,
            "aws:principalaccount": principal.account,
            "aws:principaltype": "AssumedRole" if role else "User",
            "aws:principalisawsservice": "false",
            "aws:userid": principal.user_id,
            "aws:username": "" if role else principal.arn.rpartition("/")[2],
            "aws:multifactorauthpresent": "false" if principal.session else "",
        }
        for key, text in principal.tags.items():
            told[f"aws:principaltag/{key.lower()}"] = text
        return {key: (text,) for key, text in told.items() if text}


def asking(context: Context, request: Request) -> Asker | None:
    """Return who signed a request; None for the engine itself.

    Args:
        context: Unused: what is known stands in IAM.
        request: As it was sent.
    """
    assert request.scope is not None
    return of_key(request.scope[0])


def of_key(key: str) -> Asker | None:
    """Return whose an access key is; None for the engine itself."""
    if key == ENGINE_KEY:
        return None
    if key == EXAMINER_KEY:
        arn = f"arn:aws:iam::{ACCOUNT}:user/{LEARNER}"
        return _administrator(Principal(arn, ACCOUNT, "user"))
    backend = iam_backends[ACCOUNT]["aws"]
    owned = backend.access_keys.get(key)
    if owned is not None and owned.user_name in backend.users:
        return _user(backend, backend.users[owned.user_name])
    found = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key)
    if found is None:
        return Asker(Principal("", ACCOUNT, "anonymous"), ())
    name = found.role_arn.rpartition("/")[2]
    role = _role(backend, name)
    principal = Principal(
        found.role_arn,
        ACCOUNT,
        "role",
        f"{role.id if role else 'AROA'}:{found.session_name}",
        found.arn,
        {} if role is None else _tags(role.tags),
    )
    session = policies.parse(found.policy) if found.policy else None
    if role is None:
        return Asker(principal, ())
    return Asker(principal, _policies(role), _boundary(backend, role), session)


def session(key: str) -> Session | None:
    """Return the credentials of a role's session by its access key, or None."""
    found = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key)
    if found is None:
        return None
    return Session(key, found.secret_access_key, found.session_token)


def free(key: str) -> bool:
    """Whether an access key is the administrator's, whom no IAM policy binds."""
    if key == EXAMINER_KEY:
        return True
    backend = iam_backends[ACCOUNT]["aws"]
    owned = backend.access_keys.get(key)
    if owned is None or owned.user_name != LEARNER:
        return False
    user = backend.users[LEARNER]
    grouped = any(user in group.users for group in list(backend.groups.values()))
    return not (user.policies or user.managed_policies or grouped)


def entity(arn: str) -> Asker:
    """Return a user or role by its ARN.

    Raises:
        AwsError: There is none.
    """
    backend = iam_backends[ACCOUNT]["aws"]
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind not in ("role", "user", "group"):
        raise AwsError("InvalidInput", f"{arn} is neither a user nor a role.")
    name = name.rpartition("/")[2]
    if kind == "group" and name in backend.groups:
        return Asker(Principal(arn, ACCOUNT), _policies(backend.groups[name]))
    if kind == "user" and name in backend.users:
        return _user(backend, backend.users[name])
    role = _role(backend, name) if kind == "role" else None
    if role is not None:
        tags = _tags(role.tags)
        principal = Principal(arn, ACCOUNT, "role", role.id, None, tags)
        return Asker(principal, _policies(role), _boundary(backend, role))
    raise AwsError("NoSuchEntity", f"{arn} does not exist.", 404)


def exists(arn: str) -> bool:
    """Whether an ARN is a user's, a role's or a session's of this account."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    backend = iam_backends[ACCOUNT]["aws"]
    if kind == "assumed-role":
        return _role(backend, name.partition("/")[0]) is not None
    known = {"user": backend.users, "role": backend.roles}.get(kind, {})
    return any(one.arn == arn for one in list(known.values()))


def managed(arn: str) -> Policy | None:
    """Return a managed policy, as it is in force; None if there is none."""
    found = iam_backends[ACCOUNT]["aws"].managed_policies.get(arn)
    return None if found is None else _managed(found)


def _role(backend: IAMBackend, name: str) -> Role | None:
    # while another thread makes one
    roles = list(backend.roles.values())
    return next((one for one in roles if one.name == name), None)


def _user(backend: IAMBackend, user: User) -> Asker:
    tags = _tags(backend.tagger.list_tags_for_resource(user.arn)["Tags"])
    principal = Principal(user.arn, ACCOUNT, "user", user.id, None, tags)
    given = _policies(user)
    for group in list(backend.groups.values()):
        if user in group.users:
            given += _policies(group)
    if user.name == LEARNER:
        return _administrator(principal, *given)
    return Asker(principal, given)


def _administrator(principal: Principal, *given: Policy) -> Asker:
    every = policies.parse(_EVERYTHING, name="AdministratorAccess")
    return Asker(principal, (every, *given), learner=True)


def _policies(owner: Any) -> tuple[Policy, ...]:
    """Return the policies of a user, group or role, in-line ones first."""
    kind = type(owner).__name__.lower()
    inline = [
        policies.parse(document, name=name, source=kind)
        for name, document in list(owner.policies.items())
    ]
    return (*inline, *map(_managed, list(owner.managed_policies.values())))


def _managed(policy: Any) -> Policy:
    version = next(
        one for one in policy.versions if one.version_id == policy.default_version_id
    )
    source = "aws-managed" if ":aws:policy/" in policy.arn else "user-managed"
    return policies.parse(version.document, name=policy.name, source=source)


def _boundary(backend: IAMBackend, role: Role) -> Policy | None:
    found = backend.managed_policies.get(role.permissions_boundary_arn or "")
    return found and _managed(found)


def _tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
