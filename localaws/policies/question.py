"""What is asked of policies, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ALLOWED = "allowed"
DELEGATED = "delegated"
EXPLICIT = "explicitDeny"
IMPLICIT = "implicitDeny"
# A resource that is not known.
ANY = ""


@dataclass(frozen=True)
class Question:
    """Whether something may be done.

    Attributes:
        action: Such as `s3:GetObject`.
        resource: Its ARN, `*`, or `ANY`, for which an Allow of some resource suffices
            and which a Deny of all resources means.
        context: The values of condition keys, whose names are in lower case.
        account: Owner of the resource; empty for the principal's own.
    """

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account: str = ""


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes:
        arn: Of the user or role; the host name of a service.
        account: Which it belongs to.
        kind: `root`, `user`, `role`, `service` or `anonymous`.
        user_id: As `aws:userid` has it.
        session: ARN of the role's session, if it is one.
        tags: Of the user, or of the role and its session.
    """

    arn: str
    account: str
    kind: str = "user"
    user_id: str = ""
    session: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """A statement that fits a question.

    Attributes:
        policy: Name of its policy.
        by: `identity`, `resource`, `boundary` or `session`.
        statement: Its place in the policy, from 0.
        sid: Its name, or None.
        effect: `Allow` or `Deny`.
    """

    policy: str
    by: str
    statement: int
    sid: str | None
    effect: str


@dataclass(frozen=True)
class Verdict:
    """What one resource policy says.

    Attributes:
        kind: `allowed`, `explicitDeny`, `implicitDeny`, or `delegated` where it allows
            the account, whose own policies then decide.
        statement: Name of the deciding statement, or None.
    """

    kind: str
    statement: str | None = None


@dataclass(frozen=True)
class Decision:
    """What all policies say together.

    Attributes:
        kind: `allowed`, `explicitDeny` or `implicitDeny`.
        by: Which policies decide: `identity`, `resource`, `boundary` or `session`.
        statement: Name of the deciding statement, or None.
        matches: The statements that fit.
        missing: Condition keys that policies name and the question lacks.
        parts: What each kind of policy says by itself.
    """

    kind: str
    by: str
    statement: str | None = None
    matches: tuple[Match, ...] = ()
    missing: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Whether it may be done."""
        return self.kind == ALLOWED
