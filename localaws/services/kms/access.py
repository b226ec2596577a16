"""AWS KMS: who may use a key.

The key policy is the root of trust. It allows somebody by name, or it lets the policies
of IAM decide by allowing the account; a grant allows besides. An explicit deny, whoever
says it, wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws import policies
from localaws.errors import AwsError
from localaws.services.access import keys, who
from localaws.services.access.refusals import denied
from localaws.services.context import Context
from localaws.services.kms import grants
from localaws.services.kms.documents import ACCOUNT, Members, aliases
from localaws.services.records import Records
from localaws.wire import Request

TAGS = "kms-tags"
Conditions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Caller:
    """Who asks KMS for something, and by which way.

    Attributes:
        context: The endpoint.
        region: Where.
        asker: The user or role; None for the endpoint itself, which is not held.
        conditions: Of the request.
        via: The service that asks on behalf of the caller, or nothing.
    """

    context: Context
    region: str
    asker: who.Asker | None = None
    conditions: Conditions = field(default_factory=dict)
    via: str = ""

    @classmethod
    def of(cls, context: Context, request: Request, via: str = "") -> "Caller":
        """Return who signed a request.

        Args:
            context: The endpoint.
            request: To KMS, or to a service that asks KMS on its behalf.
            via: That service, such as `s3`.
        """
        assert request.scope is not None
        region, asker = request.scope[1], who.asking(context, request)
        if asker is None:
            return cls(context, region, via=via)
        found = {**keys.of_request(context, request), **asker.context}
        return cls(context, region, asker, found, via)

    def asking(self, more: Conditions) -> dict[str, tuple[str, ...]]:
        """Return the values of all condition keys of a question."""
        known = {**self.conditions, "kms:calleraccount": (ACCOUNT,), **more}
        if self.via:
            known["kms:viaservice"] = (f"{self.via}.{self.region}.amazonaws.com",)
        return known


def is_principal(arn: str) -> bool:
    """Whether an ARN is that of somebody; those of other accounts are not known."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] not in ("iam", "sts"):
        return False
    return parts[4] != ACCOUNT or parts[5] == "root" or who.exists(arn)


def context_keys(pairs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of an encryption context."""
    if not pairs:
        return {}
    found = {f"kms:encryptioncontext:{k.lower()}": (v,) for k, v in pairs.items()}
    return {**found, "kms:encryptioncontextkeys": tuple(pairs)}


def _key_keys(context: Context, key: Members) -> dict[str, tuple[str, ...]]:
    """Return the condition keys that a key itself gives."""
    own = [
        a["name"] for a in aliases(context, key["region"]) if a["target"] == key["id"]
    ]
    tags = context.part(Records).get(TAGS, key["id"]) or {}
    return {
        "kms:keyspec": (key["spec"],),
        "kms:keyusage": (key["usage"],),
        "kms:keyorigin": ("AWS_KMS",),
        "kms:multiregion": ("false",),
        "aws:resourceaccount": (ACCOUNT,),
        **({"kms:resourcealiases": tuple(own)} if own else {}),
        **{f"aws:resourcetag/{name.lower()}": (v,) for name, v in tags.items()},
    }


def key_decision(
    caller: Caller, key: Members, operation: str, more: Conditions | None = None
) -> policies.Decision:
    """Decide whether a caller may do something with a key.

    Args:
        caller: Who asks.
        key: The key.
        operation: Such as `Decrypt`.
        more: Condition keys of the operation.
    """
    if caller.asker is None:
        return policies.Decision("allowed", "identity")
    asker = caller.asker
    known = caller.asking({**_key_keys(caller.context, key), **(more or {})})
    question = policies.Question(f"kms:{operation}", key["arn"], known)
    policy = policies.parse(key["policy"], "resource")
    verdict = policies.weigh(question, policy, asker.principal)
    limits: dict[str, Any] = {"boundary": asker.boundary, "session": asker.session}
    own = policies.decide(question, asker.principal, identity=asker.identity, **limits)
    for found, by in ((verdict, "resource"), (own, "identity")):
        if found.kind == "explicitDeny":
            return policies.Decision("explicitDeny", by, found.statement)
    if verdict.kind == "allowed":
        return policies.decide(
            question, asker.principal, identity=[], resource=policy, **limits
        )
    if verdict.kind == "delegated" and own.allowed:
        return own
    if grants.allows(caller.context, key, asker.principal, operation, known):
        return policies.Decision("allowed", "resource")
    by = "identity" if verdict.kind == "delegated" else "resource"
    return policies.Decision("implicitDeny", by)


def demand(
    caller: Caller, key: Members, operation: str, more: Conditions | None = None
) -> None:
    """Raise AWS's error unless a caller may do something with a key."""
    decision = key_decision(caller, key, operation, more)
    if not decision.allowed:
        raise _refused(caller, operation, key["arn"], decision)


def demand_account(
    caller: Caller, operation: str, more: Conditions | None = None, resource: str = "*"
) -> None:
    """Raise AWS's error unless the policies of IAM allow what concerns no key."""
    if caller.asker is None:
        return
    asker = caller.asker
    question = policies.Question(
        f"kms:{operation}", resource, caller.asking(more or {})
    )
    decision = policies.decide(
        question,
        asker.principal,
        identity=asker.identity,
        boundary=asker.boundary,
        session=asker.session,
    )
    if not decision.allowed:
        raise _refused(caller, operation, resource, decision)


def _refused(
    caller: Caller, operation: str, resource: str, decision: policies.Decision
) -> AwsError:
    question = policies.Question(f"kms:{operation}", resource)
    assert caller.asker is not None
    return denied("kms", caller.asker, question, decision)
