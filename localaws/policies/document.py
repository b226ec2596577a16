"""Policy documents, read and checked once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localaws.policies import principals
from localaws.policies.conditions import Condition
from localaws.policies.errors import PolicyError
from localaws.policies.patterns import Context, like, resolved, resource_like, variables
from localaws.policies.question import ANY, Principal, Question

Document = str | bytes | Mapping[str, Any]
_VERSIONS = ("2008-10-17", "2012-10-17")
_MEMBERS = {"Version", "Id", "Statement"}
_ELEMENTS = {
    *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"),
    *("Principal", "NotPrincipal", "Condition"),
}


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: Its name, or None.
        effect: `Allow` or `Deny`.
        actions: Patterns of actions.
        resources: Patterns of ARNs; empty in a trust policy.
        principals: Those that it names; None in an identity's policy.
        conditions: All of which have to hold.
        inverted: Which of `Action`, `Resource` and `Principal` are `Not...`.
        version: Whether variables are known.
    """

    sid: str | None
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: frozenset[str] | None
    conditions: tuple[Condition, ...]
    inverted: frozenset[str]
    version: bool

    def fits(self, question: Question, principal: Principal) -> str | None:
        """Return as what the statement means a question's principal, or None."""
        if self._acts(question.action) == ("Action" in self.inverted):
            return None
        if not self._reaches(question):
            return None
        who = self._means(principal)
        if who is None:
            return None
        context = question.context
        return who if all(one.holds(context) for one in self.conditions) else None

    def _acts(self, action: str) -> bool:
        return any(like(one, action, folded=True) for one in self.actions)

    def _reaches(self, question: Question) -> bool:
        if not self.resources:
            return True
        if question.resource == ANY:
            return self.effect == "Allow" or self._all()
        found = False
        for text in self.resources:
            made = resolved(text, question.context) if self.version else text
            if made is not None:
                found = found or resource_like(made, question.resource)
        return found != ("Resource" in self.inverted)

    def _all(self) -> bool:
        return "*" in self.resources and "Resource" not in self.inverted

    def _means(self, principal: Principal) -> str | None:
        if self.principals is None:
            return principals.ITSELF
        if "Principal" in self.inverted:
            spared = principals.spared(self.principals, principal)
            return None if spared else principals.ANYONE
        return principals.fits(self.principals, principal)

    def reads(self) -> set[str]:
        """Return the condition keys that the statement reads."""
        texts = list(self.resources)
        for condition in self.conditions:
            texts.extend(condition.wanted)
        named = (
            {key for text in texts for key in variables(text)}
            if self.version
            else set()
        )
        return named | {condition.name for condition in self.conditions}


@dataclass(frozen=True)
class Policy:
    """A policy document.

    Attributes:
        statements: In their order.
        name: Of the policy, as answers name it.
        source: What it is attached to, such as `role`.
        text: As it was given.
    """

    statements: tuple[Statement, ...]
    name: str = ""
    source: str = ""
    text: str = ""

    def missing(self, context: Context) -> set[str]:
        """Return the condition keys that it reads and a context lacks."""
        named = {key for statement in self.statements for key in statement.reads()}
        return {key for key in named if not context.get(key.lower())}


def parse(
    document: Document, kind: str = "identity", name: str = "", source: str = ""
) -> Policy:
    """Read a policy.

    Args:
        document: As JSON, or read from it.
        kind: `identity`, `resource` or `trust`.
        name: Of the policy.
        source: What it is attached to.

    Raises:
        PolicyError: It is none.
    """
    if isinstance(document, Mapping):
        document = json.dumps(document)
    return _parsed(document, kind, name, source)


@lru_cache(maxsize=128)
def _parsed(document: str | bytes, kind: str, name: str, source: str) -> Policy:
    try:
        text = document.decode() if isinstance(document, bytes) else document
        read = json.loads(text)
    except ValueError as error:
        raise PolicyError(f"not JSON: {error}") from error
    if not isinstance(read, dict) or set(read) - _MEMBERS:
        raise PolicyError("Unknown field, or no JSON object")
    version = read.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise PolicyError("The policy must contain a valid version string", "Version")
    given = read.get("Statement")
    statements = [given] if isinstance(given, dict) else given
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Missing required field Statement", "Statement")
    made = tuple(_statement(one, kind, version == _VERSIONS[1]) for one in statements)
    sids = [one.sid for one in made if one.sid]
    if len(sids) != len(set(sids)):
        raise PolicyError(
            "Statement IDs (SID) in a single policy must be unique.", "Sid"
        )
    return Policy(made, name, source, text)


def _statement(given: Any, kind: str, version: bool) -> Statement:
    if not isinstance(given, dict):
        raise PolicyError("Invalid policy syntax.", "Statement")
    unknown = sorted(set(given) - _ELEMENTS)
    if unknown:
        raise PolicyError(f"Unknown field {unknown[0]}", unknown[0])
    if given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"Invalid effect: {given.get('Effect')}", "Effect")
    inverted = {
        name for name in ("Action", "Resource", "Principal") if f"Not{name}" in given
    }
    named = None
    if kind != "identity":
        named = principals.listed(_one(given, "Principal"))
    elif {"Principal", "NotPrincipal"} & set(given):
        raise PolicyError(
            "Policy document should not specify a principal.", "Principal"
        )
    if kind == "trust" and {"Resource", "NotResource"} & set(given):
        raise PolicyError("Has prohibited field Resource", "Resource")
    return Statement(
        given.get("Sid"),
        given["Effect"],
        _texts(_one(given, "Action"), "Action"),
        () if kind == "trust" else _texts(_one(given, "Resource"), "Resource"),
        named,
        tuple(_conditions(given.get("Condition", {}), version)),
        frozenset(inverted),
        version,
    )


def _one(given: dict[str, Any], name: str) -> Any:
    """Return an element or its opposite, one of which there has to be."""
    found = [member for member in (name, f"Not{name}") if member in given]
    if len(found) != 1:
        said = "Missing required field" if not found else "Only one of Not and"
        raise PolicyError(f"{said} {name}", name)
    return given[found[0]]


def _texts(given: Any, element: str) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        raise PolicyError(f"Policy has invalid {element.lower()}", element)
    for text in texts:
        fits = isinstance(text, str) and (text == "*" or ":" in text)
        if not fits:
            raise PolicyError(f"Policy has invalid {element.lower()}", element)
    return tuple(texts)


def _conditions(given: Any, version: bool) -> list[Condition]:
    if not isinstance(given, dict):
        raise PolicyError("Invalid policy syntax.", "Condition")
    made = []
    for operator, keys in given.items():
        if not isinstance(keys, dict):
            raise PolicyError("Invalid policy syntax.", "Condition")
        for key, values in keys.items():
            listed = values if isinstance(values, list) else [values]
            wanted = tuple(_text(value) for value in listed)
            made.append(Condition(operator, key, wanted, version=version))
    return made


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError("Invalid policy syntax.", "Condition")
