"""The decision: an explicit deny first, then who allows it, then what limits it."""

from collections.abc import Iterable, Iterator, Sequence

from localaws.policies import principals
from localaws.policies.document import Document, Policy, parse
from localaws.policies.question import (
    ALLOWED,
    DELEGATED,
    EXPLICIT,
    IMPLICIT,
    Decision,
    Match,
    Principal,
    Question,
    Verdict,
)

Given = Document | Policy
# A resource policy's Allow that names one of these binds nobody else's policies.
_DIRECT = (principals.ITSELF, principals.ANYONE)


def decide(
    question: Question,
    principal: Principal,
    identity: Sequence[Given] = (),
    resource: Given | None = None,
    boundary: Given | None = None,
    session: Given | None = None,
) -> Decision:
    """Decide whether a principal may do something.

    Args:
        question: What is asked.
        principal: Who asks.
        identity: Policies of the user or role.
        resource: Policy of the resource.
        boundary: Permissions boundary of the user or role.
        session: Policy that the session was made with.
    """
    kinds = {
        "identity": [_read(one) for one in identity],
        "resource": [] if resource is None else [_read(resource, "resource")],
        "boundary": [] if boundary is None else [_read(boundary)],
        "session": [] if session is None else [_read(session)],
    }
    found = [
        (match, who)
        for by, documents in kinds.items()
        for match, who in _matches(by, documents, question, principal)
    ]
    matches = tuple(match for match, _ in found)
    missing: set[str] = set()
    for documents in kinds.values():
        missing.update(*(one.missing(question.context) for one in documents))
    parts = {by: _part(by, matches) for by in kinds if kinds[by] or by == "identity"}
    kind, by, sid = _outcome(question, principal, found, parts)
    return Decision(kind, by, sid, matches, tuple(sorted(missing)), parts)


def weigh(question: Question, document: Given, principal: Principal) -> Verdict:
    """Decide what a resource policy says by itself.

    Args:
        question: What is asked.
        document: The policy.
        principal: Who asks.
    """
    policy = _read(document, "resource")
    found = list(_matches("resource", [policy], question, principal))
    for match, _ in found:
        if match.effect == "Deny":
            return Verdict(EXPLICIT, match.sid)
    for match, who in found:
        if who != principals.ACCOUNT or principal.kind == "root":
            return Verdict(ALLOWED, match.sid)
    return Verdict(DELEGATED, found[0][0].sid) if found else Verdict(IMPLICIT)


def _read(given: Given, kind: str = "identity") -> Policy:
    return given if isinstance(given, Policy) else parse(given, kind)


def _matches(
    by: str, documents: Iterable[Policy], question: Question, principal: Principal
) -> Iterator[tuple[Match, str]]:
    for policy in documents:
        for place, statement in enumerate(policy.statements):
            who = statement.fits(question, principal)
            if who is not None:
                sid, effect = statement.sid, statement.effect
                yield Match(policy.name, by, place, sid, effect), who


def _part(by: str, matches: Sequence[Match]) -> str:
    effects = {match.effect for match in matches if match.by == by}
    if "Deny" in effects:
        return EXPLICIT
    return ALLOWED if effects else IMPLICIT


def _outcome(
    question: Question,
    principal: Principal,
    found: Sequence[tuple[Match, str]],
    parts: dict[str, str],
) -> tuple[str, str, str | None]:
    """Return what is decided, by which kind of policy, and by which statement."""
    for match, _ in found:
        if match.effect == "Deny":
            return EXPLICIT, match.by, match.sid
    own = next((match for match, _ in found if match.by == "identity"), None)
    given = [(match, who) for match, who in found if match.by == "resource"]
    limit = next(
        (by for by in ("boundary", "session") if parts.get(by, ALLOWED) != ALLOWED), ""
    )
    if question.account and question.account != principal.account:
        if not given or own is None:
            return IMPLICIT, "resource" if not given else "identity", None
        return (IMPLICIT, limit, None) if limit else (ALLOWED, "resource", own.sid)
    for match, who in given:
        if _unbound(principal, who) or (who != principals.ACCOUNT and not limit):
            return ALLOWED, "resource", match.sid
    if own is None:
        return IMPLICIT, "identity", None
    return (IMPLICIT, limit, None) if limit else (ALLOWED, "identity", own.sid)


def _unbound(principal: Principal, who: str) -> bool:
    """Whether what a resource policy allows is not limited by a boundary or session.

    It is for a role, unless the policy names its very session.
    """
    if principal.kind == "role":
        return who == principals.ITSELF
    return who in _DIRECT
