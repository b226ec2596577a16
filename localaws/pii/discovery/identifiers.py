"""The managed data identifiers that are found here, and how severe each is."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Of AWS's recommended set, what is found here.
RECOMMENDED = frozenset(
    {
        "AWS_CREDENTIALS",
        "HTTP_BASIC_AUTH_HEADER",
        "OPENSSH_PRIVATE_KEY",
        "PGP_PRIVATE_KEY",
        "PKCS",
        "PUTTY_PRIVATE_KEY",
        "CREDIT_CARD_NUMBER",
        "DRIVERS_LICENSE",
        "SPAIN_DNI_NUMBER",
        "SPAIN_NIE_NUMBER",
        "UK_NATIONAL_INSURANCE_NUMBER",
        "CANADA_PASSPORT_NUMBER",
        "FRANCE_PASSPORT_NUMBER",
        "GERMANY_PASSPORT_NUMBER",
        "ITALY_PASSPORT_NUMBER",
        "SPAIN_PASSPORT_NUMBER",
        "USA_PASSPORT_NUMBER",
        "CANADA_SOCIAL_INSURANCE_NUMBER",
        "USA_SOCIAL_SECURITY_NUMBER",
        "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    }
)
_MANY = 100


@dataclass(frozen=True)
class Identifier:
    """A managed data identifier.

    Attributes:
        id: Such as `USA_SOCIAL_SECURITY_NUMBER`.
        category: Such as `PERSONAL_INFORMATION`.
        severity: Scores of one, of some and of many occurrences.
    """

    id: str
    category: str
    severity: tuple[int, int, int]

    def score(self, count: int) -> int:
        """Return the severity of a number of occurrences."""
        return self.severity[(count > 1) + (count >= _MANY)]


@functools.cache
def table() -> list[dict[str, Any]]:
    """Return the rows of `managed.yaml`."""
    path = Path(__file__).with_name("managed.yaml")
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return rows


@functools.cache
def identifiers() -> dict[str, Identifier]:
    """Return all identifiers by their ids."""
    found = {}
    for row in table():
        for name in (row["id"], row.get("alone")):
            if name:
                severity = tuple(row["severity"])
                found[name] = Identifier(name, row["category"], severity)
    return found
