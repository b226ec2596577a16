"""The principals that a resource policy names, and who is among them."""

from collections.abc import Mapping
from typing import Any

from localaws.policies.errors import PolicyError
from localaws.policies.question import Principal

ANYONE = "anyone"
ACCOUNT = "account"
ROLE = "role"
ITSELF = "itself"
_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_DIGITS = 12


def listed(given: Any) -> frozenset[str]:
    """Return the principals of an element, each as its kind and its name.

    Raises:
        PolicyError: It is no such element.
    """
    if given == "*":
        return frozenset({"AWS *"})
    if not isinstance(given, Mapping) or not given:
        raise PolicyError("Invalid policy syntax.", "Principal")
    found = set()
    for kind, names in given.items():
        if kind not in _KINDS:
            raise PolicyError("Invalid principal in policy", "Principal")
        for name in [names] if isinstance(names, str) else names:
            if not isinstance(name, str) or not _named(kind, name):
                raise PolicyError("Invalid principal in policy", "Principal")
            found.add(
                f"{kind} {_account_arn(name)}" if kind == "AWS" else _of(kind, name)
            )
    return frozenset(found)


def _of(kind: str, name: str) -> str:
    return f"{kind} {name}"


def _named(kind: str, name: str) -> bool:
    """Whether a name is one of its kind; no wildcard stands for a part of it."""
    if kind != "AWS" or name == "*":
        return bool(name)
    account = name.isdigit() and len(name) == _DIGITS
    return account or (name.startswith("arn:") and "*" not in name)


def _account_arn(name: str) -> str:
    return f"arn:aws:iam::{name}:root" if name.isdigit() else name


def fits(names: frozenset[str], principal: Principal) -> str | None:
    """Return as what a principal is among those named, or None."""
    if principal.kind == "service":
        found = f"Service {principal.arn}" in names
        return ITSELF if found else ANYONE if "AWS *" in names else None
    if principal.session and f"AWS {principal.session}" in names:
        return ITSELF
    if f"AWS {principal.arn}" in names:
        return ROLE if principal.kind == "role" else ITSELF
    if "AWS *" in names:
        return ANYONE
    return ACCOUNT if f"AWS {_root(principal)}" in names else None


def spared(names: frozenset[str], principal: Principal) -> bool:
    """Whether a `NotPrincipal` leaves a principal out.

    It names the account, the role and the session too, else one of these is meant.
    """
    if principal.kind == "service":
        return f"Service {principal.arn}" in names
    if "AWS *" in names:
        return True
    if principal.kind == "anonymous":
        return False
    chain = {_root(principal), principal.arn, principal.session or principal.arn}
    return all(f"AWS {name}" in names for name in chain)


def _root(principal: Principal) -> str:
    return f"arn:aws:iam::{principal.account}:root"
