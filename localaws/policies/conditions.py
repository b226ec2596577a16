"""Conditions: operators, and how they treat keys of no, one or many values."""

import datetime as dt
import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from localaws.policies.errors import PolicyError
from localaws.policies.patterns import Context, arn_like, like, plain, resolved

Test = Callable[[str, str], bool]
_ALL, _ANY, _IF = "forallvalues:", "foranyvalue:", "ifexists"
_NEVER: set[Any] = {None}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()


def _ordered(read: Callable[[str], float | None], *signs: int) -> Test:
    """Return a test of the order of value and wanted: -1, 0 and 1 as signs."""

    def test(wanted: str, value: str) -> bool:
        left, right = read(value), read(plain(wanted))
        if left is None or right is None:
            return False
        return (left > right) - (left < right) in signs

    return test


@lru_cache(maxsize=1024)
def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(wanted: str, value: str) -> bool:
    net, host = _network(plain(wanted)), _network(value)
    if net is None or host is None or net.version != host.version:
        return False
    return bool(host.subnet_of(net))


def _same(wanted: str, value: str) -> bool:
    return plain(wanted) == value


def _alike(wanted: str, value: str) -> bool:
    return plain(wanted).casefold() == value.casefold()


def _family(name: str, read: Callable[[str], float | None]) -> dict[str, Test]:
    return {
        f"{name}equals": _ordered(read, 0),
        f"{name}lessthan": _ordered(read, -1),
        f"{name}lessthanequals": _ordered(read, -1, 0),
        f"{name}greaterthan": _ordered(read, 1),
        f"{name}greaterthanequals": _ordered(read, 1, 0),
    }


# What a value of the key has to be to one of the policy's.
_TESTS: dict[str, Test] = {
    "stringequals": _same,
    "stringequalsignorecase": _alike,
    "stringlike": like,
    "bool": _alike,
    "binaryequals": _same,
    "ipaddress": _within,
    "arnequals": arn_like,
    "arnlike": arn_like,
    **_family("numeric", _number),
    **_family("date", _moment),
}
# Operators that hold where another does not.
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


class Condition:
    """One operator with one key.

    Args:
        operator: As the policy spells it.
        key: The condition key.
        wanted: The policy's values.
        version: Whether the policy's version knows variables.

    Raises:
        PolicyError: There is no such operator.
    """

    def __init__(
        self, operator: str, key: str, wanted: tuple[str, ...], *, version: bool
    ) -> None:
        name = operator.lower()
        self.name, self.key = key, key.lower()
        self.wanted = wanted
        self._version = version
        self._sets = next((one for one in (_ALL, _ANY) if name.startswith(one)), "")
        name = name.removeprefix(self._sets)
        self._optional = name.endswith(_IF) and name != _IF
        name = name.removesuffix(_IF)
        self._null = name == "null"
        if self._null and (self._optional or self._sets):
            raise PolicyError(f"Invalid Condition type : {operator}", "Condition")
        self._negated = name in _NEGATED
        test = _TESTS.get(_NEGATED.get(name, name))
        if test is None and not self._null:
            raise PolicyError(f"Invalid Condition type : {operator}", "Condition")
        self._test: Test = test or _same

    def holds(self, context: Context) -> bool:
        """Whether the values of a question's context satisfy it."""
        values = context.get(self.key, ())
        if self._null:
            return any(_alike(one, str(not values).lower()) for one in self.wanted)
        if not values:
            if self._sets == _ANY:
                return self._optional
            return self._sets == _ALL or self._optional or self._negated
        wanted = self._resolved(context)
        fits = (self._fits(wanted, value) for value in values)
        if self._sets == _ALL or (self._negated and not self._sets):
            return all(fits)
        return any(fits)

    def _fits(self, wanted: list[str], value: str) -> bool:
        found = any(self._test(one, value) for one in wanted)
        return found != self._negated

    def _resolved(self, context: Context) -> list[str]:
        if not self._version:
            return list(self.wanted)
        made = (resolved(one, context) for one in self.wanted)
        return [one for one in made if one is not None]
