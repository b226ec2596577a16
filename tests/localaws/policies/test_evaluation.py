"""Decisions of several policies together, as a truth table."""

from typing import Any

import pytest

from localaws import policies
from localaws.policies import Principal, Question

ONE, TWO = "123456789012", "111122223333"
USER = Principal(f"arn:aws:iam::{ONE}:user/ada", ONE, "user")
SESSION = f"arn:aws:sts::{ONE}:assumed-role/work/desk"
ROLE = Principal(f"arn:aws:iam::{ONE}:role/work", ONE, "role", session=SESSION)
SERVICE = Principal("lambda.amazonaws.com", ONE, "service")
NOBODY = Principal("", "", "anonymous")
ROOT = f"arn:aws:iam::{ONE}:root"
KEY = "arn:aws:s3:::desk/a"
GET = Question("s3:GetObject", KEY, {"aws:username": ("ada",)})
THEIRS = Question("s3:GetObject", KEY, account=TWO)


def allow(who: Any = None, **members: Any) -> dict[str, Any]:
    """Return a policy of one statement, that names somebody if it is a resource's."""
    named = {} if who is None else {"Principal": who}
    statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::*"}
    statement |= named | members
    gone = {key: value for key, value in statement.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": gone}


def deny(who: Any = None, **members: Any) -> dict[str, Any]:
    """Return a policy that denies."""
    return allow(who, **{"Effect": "Deny", **members})


OTHER = allow(Action="ec2:*")
IDENTITY = [
    ([], "implicitDeny"),
    ([allow()], "allowed"),
    ([allow(), deny()], "explicitDeny"),
    ([deny(), allow()], "explicitDeny"),
    ([OTHER], "implicitDeny"),
    ([allow(Action="S3:getobject")], "allowed"),
    ([allow(Action="*")], "allowed"),
    ([allow(Action=None, NotAction="s3:Put*")], "allowed"),
    ([allow(Action=None, NotAction=["s3:Put*", "s3:Get*"])], "implicitDeny"),
    ([allow(Resource="*")], "allowed"),
    ([allow(Resource="arn:aws:s3:::desk/*")], "allowed"),
    ([allow(Resource="arn:aws:s3:::desk")], "implicitDeny"),
    ([allow(Resource="arn:aws:*:desk/a")], "allowed"),
    ([allow(Resource="arn:aws:s*3:::desk/a")], "allowed"),
    ([allow(Resource="arn:a*s3:::desk/a")], "implicitDeny"),
    ([allow(Resource="arn:aws:s3")], "implicitDeny"),
    ([allow(Resource="arn:aws:s3:::d?sk/*")], "allowed"),
    ([allow(Resource=None, NotResource="arn:aws:s3:::desk/*")], "implicitDeny"),
    ([allow(Resource=None, NotResource="arn:aws:s3:::tower/*")], "allowed"),
    ([allow(Resource="arn:aws:s3:::${aws:username}/a")], "implicitDeny"),
    ([allow(Resource="arn:aws:s3:::desk/${aws:nobody}*")], "implicitDeny"),
    ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], "implicitDeny"),
    (
        [allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})],
        "allowed",
    ),
    (
        [
            allow(
                Condition={
                    "StringEquals": {"aws:username": "ada"},
                    "Null": {"aws:x": "true"},
                }
            )
        ],
        "allowed",
    ),
]


@pytest.mark.parametrize(("documents", "decision"), IDENTITY)
def test_identity_policies(documents: list[Any], decision: str) -> None:
    assert policies.decide(GET, USER, documents).kind == decision


def among(who: Any, principal: Principal, decision: str, *identity: Any) -> Any:
    """Return a row: a resource policy's Allow, who asks with what, the decision."""
    return who, principal, identity, decision


RESOURCE = [
    among("*", USER, "allowed"),
    among({"AWS": "*"}, NOBODY, "allowed"),
    among({"AWS": USER.arn}, USER, "allowed"),
    among({"AWS": USER.arn}, NOBODY, "implicitDeny"),
    among({"AWS": ROOT}, USER, "implicitDeny"),
    among({"AWS": ONE}, USER, "allowed", allow()),
    among({"AWS": ROLE.arn}, ROLE, "allowed"),
    among({"AWS": SESSION}, ROLE, "allowed"),
    among({"AWS": f"{SESSION}x"}, ROLE, "implicitDeny"),
    among({"AWS": TWO}, USER, "implicitDeny"),
    among({"AWS": [TWO, USER.arn]}, USER, "allowed"),
    among({"Service": SERVICE.arn}, SERVICE, "allowed"),
    among({"Service": "glue.amazonaws.com"}, SERVICE, "implicitDeny"),
    among({"AWS": ROOT}, SERVICE, "implicitDeny"),
]


@pytest.mark.parametrize(("who", "principal", "identity", "decision"), RESOURCE)
def test_a_resource_policy_allows(
    who: Any, principal: Principal, identity: Any, decision: str
) -> None:
    found = policies.decide(GET, principal, identity, allow(who))
    assert found.kind == decision


@pytest.mark.parametrize(
    ("who", "principal", "denied"),
    [
        ("*", USER, True),
        ({"AWS": ROOT}, USER, True),
        ({"AWS": ROLE.arn}, ROLE, True),
        ({"AWS": ROLE.arn}, USER, False),
        ({"AWS": SESSION}, ROLE, True),
    ],
)
def test_a_resource_policy_denies(who: Any, principal: Principal, denied: bool) -> None:
    found = policies.decide(GET, principal, [allow()], deny(who, Sid="No"))
    if denied:
        said = (found.kind, found.by, found.statement)
        assert said == ("explicitDeny", "resource", "No")
    assert found.allowed is not denied


@pytest.mark.parametrize(
    ("spared", "principal", "denied"),
    [
        ([USER.arn, ROOT], USER, False),
        ([USER.arn], USER, True),
        ([ROLE.arn, SESSION, ROOT], ROLE, False),
        ([ROLE.arn, ROOT], ROLE, True),
        ([USER.arn, ROOT], NOBODY, True),
    ],
)
def test_not_principal(spared: Any, principal: Principal, denied: bool) -> None:
    policy = deny(NotPrincipal={"AWS": spared})
    found = policies.decide(GET, principal, [allow()], policy)
    assert (found.kind == "explicitDeny") is denied


LIMITS = [
    (USER, [allow()], None, {"boundary": allow()}, "allowed", "identity"),
    (USER, [allow()], None, {"boundary": OTHER}, "implicitDeny", "boundary"),
    (USER, [allow()], None, {"boundary": deny()}, "explicitDeny", "boundary"),
    (USER, [], None, {"boundary": allow()}, "implicitDeny", "identity"),
    (ROLE, [allow()], None, {"session": OTHER}, "implicitDeny", "session"),
    (ROLE, [allow()], None, {"session": allow()}, "allowed", "identity"),
    (ROLE, [], None, {"session": allow()}, "implicitDeny", "identity"),
    (USER, [], USER.arn, {"boundary": OTHER}, "allowed", "resource"),
    (ROLE, [], ROLE.arn, {"boundary": OTHER}, "implicitDeny", "identity"),
    (ROLE, [], ROLE.arn, {"boundary": allow()}, "allowed", "resource"),
    (ROLE, [], SESSION, {"boundary": OTHER, "session": OTHER}, "allowed", "resource"),
]


@pytest.mark.parametrize(("who", "identity", "named", "limits", "kind", "by"), LIMITS)
def test_boundaries_and_sessions(
    who: Principal, identity: Any, named: Any, limits: Any, kind: str, by: str
) -> None:
    resource = allow({"AWS": named}) if named else None
    found = policies.decide(GET, who, identity, resource, **limits)
    assert (found.kind, found.by) == (kind, by)


def test_another_accounts_resource_wants_both() -> None:
    theirs = allow({"AWS": USER.arn})
    assert not policies.decide(THEIRS, USER, [allow()]).allowed
    assert not policies.decide(THEIRS, USER, [], theirs).allowed
    assert policies.decide(THEIRS, USER, [allow()], theirs).allowed
    assert policies.decide(THEIRS, USER, [allow()], allow({"AWS": ONE})).allowed


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (allow({"AWS": ROOT}), "delegated"),
        (allow({"AWS": USER.arn}), "allowed"),
        (allow({"AWS": TWO}), "implicitDeny"),
        (deny({"AWS": ROOT}), "explicitDeny"),
    ],
)
def test_a_resource_policy_by_itself(document: Any, kind: str) -> None:
    assert policies.weigh(GET, document, USER).kind == kind


def test_what_matched_and_what_is_missing_is_told() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            OTHER["Statement"],
            {**allow()["Statement"], "Sid": "Read"},
            {
                **deny()["Statement"],
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                "Resource": "arn:aws:s3:::${s3:Place}/*",
            },
        ],
    }
    found = policies.decide(GET, USER, [policies.parse(policy, name="mine")])
    assert [(one.policy, one.statement, one.sid) for one in found.matches] == [
        ("mine", 1, "Read")
    ]
    assert found.missing == ("aws:MultiFactorAuthPresent", "s3:Place")
