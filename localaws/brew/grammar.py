"""The grammar of a rule's CheckExpression."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Union

from localaws.brew.errors import BrewError

_TOKEN = re.compile(r"\s*(:\w+|[A-Za-z_]\w*|\d+(?:\.\d+)?|[=!<>]=|[<>(),])")
ORDER = ("==", "!=", "<", "<=", ">", ">=")
TEXT = ("STARTS_WITH", "ENDS_WITH", "CONTAINS", "MATCHES", "EQUALS")
OF_DATASET = (
    "ROWS_COUNT",
    "COLUMNS_COUNT",
    "DUPLICATE_ROWS_COUNT",
    "DUPLICATE_ROWS_PERCENTAGE",
)
_COUNTED = (
    "MISSING_VALUES",
    "DUPLICATE_VALUES",
    "VALID_VALUES",
    "DISTINCT_VALUES",
    "UNIQUE_VALUES",
    "Z_SCORE_OUTLIERS",
)
OF_COLUMN = (
    *(f"{name}_{unit}" for name in _COUNTED for unit in ("COUNT", "PERCENTAGE")),
    "MIN",
    "MAX",
    "MEDIAN",
    "MEAN",
    "MODE",
    "STANDARD_DEVIATION",
    "ENTROPY",
    "SUM",
    "KURTOSIS",
    "SKEWNESS",
    "VARIANCE",
    "MEDIAN_ABSOLUTE_DEVIATION",
    "QUANTILE",
)


@dataclass(frozen=True)
class Aggregate:
    """`AGG(...)`: a statistic of the data set or of a column.

    Attributes:
        name: Of the statistic.
        column: As it is referred to; None is the selected one.
        argument: Such as a quantile.
    """

    name: str
    column: str | None
    argument: str | None


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes:
        left: What is compared; None is the selected column.
        length: Whether its length is meant.
        negated: Whether it must not hold.
        operator: Such as `<`, `IN` or `STARTS_WITH`.
        values: What it is compared with.
    """

    left: Aggregate | str | None
    length: bool
    negated: bool
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Checks of which all must hold, or any."""

    all_of: bool
    parts: tuple[Union["Group", Check], ...]


Node = Group | Check


def parse(text: str, values: Mapping[str, str]) -> Node:
    """Read an expression, with its variables replaced by their values.

    A column is a value between backquotes.

    Raises:
        BrewError: It does not follow the grammar, or a variable has no value.
    """
    return _Parser(text, values).whole()


def checks(node: Node) -> Iterator[Check]:
    """Yield each comparison of an expression."""
    if isinstance(node, Check):
        yield node
        return
    for part in node.parts:
        yield from checks(part)


def column_of(value: str | None) -> str | None:
    """Return the column that a value refers to, or None."""
    if value and len(value) > 2 and value[0] == value[-1] == "`":
        return value[1:-1]
    return None


class _Parser:
    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._text, self._values = text, values
        self._tokens: list[str] = []
        place = 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._wrong(text[place:])
            self._tokens.append(found[1])
            place = found.end()
        self._place = 0

    def _wrong(self, at: str) -> BrewError:
        return BrewError(f"CheckExpression {self._text!r} is not valid at {at!r}.")

    def _peek(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place].upper() if place < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            raise self._wrong(token or "the end")
        self._place += 1
        return token

    def whole(self) -> Node:
        node = self._any()
        if self._peek():
            raise self._wrong(self._peek())
        return node

    def _any(self) -> Node:
        parts = [self._all()]
        while self._peek() == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Group(False, tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._peek() == "AND":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Group(True, tuple(parts))

    def _one(self) -> Node:
        if self._peek() == "(":
            self._take()
            node = self._any()
            self._take(")")
            return node
        return self._check()

    def _check(self) -> Check:
        left, length = self._left()
        negated = False
        if self._peek() == "NOT":
            self._take()
            negated = True
        word = self._take()
        if word.startswith("NOT_"):
            word, negated = word[4:], not negated
        if word == "IS" and self._peek() in ("BETWEEN", "NOT", "IN"):
            if self._peek() == "NOT":
                self._take()
                negated = not negated
            word = self._take("BETWEEN", "IN")
        if word in ("IS_BETWEEN", "BETWEEN"):
            low = self._value()
            self._take("AND")
            return Check(left, length, negated, "IS_BETWEEN", (low, self._value()))
        if word not in (*ORDER, *TEXT, "IN"):
            raise self._wrong(word)
        return Check(left, length, negated, word, (self._value(),))

    def _left(self) -> tuple[Aggregate | str | None, bool]:
        if self._peek() == "AGG":
            return self._aggregate(), False
        if self._peek() == "LENGTH":
            self._take()
            self._take("(")
            inside = None if self._peek() == ")" else self._value()
            self._take(")")
            return inside, True
        if self._peek().startswith(":"):
            return self._value(), False
        return None, False

    def _aggregate(self) -> Aggregate:
        self._take("AGG")
        self._take("(")
        name, column, argument = None, None, None
        while True:
            token = self._peek()
            if token.startswith(":") or token[:1].isdigit():
                value = self._value()
                if column_of(value):
                    column = value
                else:
                    argument = value
            else:
                name = self._take(*OF_DATASET, *OF_COLUMN)
            if self._take(",", ")") == ")":
                break
        if name is None:
            raise self._wrong("AGG")
        return Aggregate(name, column, argument)

    def _value(self) -> str:
        token = self._tokens[self._place] if self._peek() else ""
        if not token.startswith(":") and not token[:1].isdigit():
            raise self._wrong(token or "the end")
        self._place += 1
        if not token.startswith(":"):
            return token
        if token not in self._values:
            raise BrewError(f"The SubstitutionMap has no value for {token}.")
        return self._values[token]
