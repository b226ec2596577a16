"""Rules that hold for each row: what they say of a row, as SQL."""

import datetime as dt

from localaws.quality.conditions import holds, number
from localaws.quality.dataset import Dataset, literal
from localaws.quality.errors import RuleBroken
from localaws.quality.outcome import Outcome, judged, not_met
from localaws.quality.ruleset import (
    Binary,
    Call,
    Condition,
    Duration,
    Keyword,
    Operand,
    Rule,
    Text,
    calls,
)

ROWS = ("ColumnDataType", "ColumnLength", "ColumnValues", "DataFreshness")
_TYPES = {
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "INTEGER": "INTEGER",
    "DOUBLE": "DOUBLE",
    "FLOAT": "FLOAT",
    "LONG": "BIGINT",
}
_KEYWORDS = {
    "NULL": "{0} IS NULL",
    "EMPTY": "{0} = ''",
    "WHITESPACES_ONLY": "(length(trim({0})) = 0 AND length({0}) > 0)",
}
_ENDS = {">": ("Minimum",), ">=": ("Minimum",), "<": ("Maximum",), "<=": ("Maximum",)}
_BOTH = ("Maximum", "Minimum")


class RowRules:
    """Rules of rows, for one data set.

    Args:
        data: The data set.
        now: The time of the run.
    """

    def __init__(self, data: Dataset, now: dt.datetime) -> None:
        self._data, self._now = data, now

    def predicate(self, rule: Rule) -> str:
        """Return whether a row passes, as SQL that is true or false.

        Raises:
            RuleFailed: Its column is not there.
            RuleBroken: The rule says nothing of single rows.
        """
        if rule.kind == "IsComplete":
            return f"{self._data.need(rule.parameters[0])} IS NOT NULL"
        if rule.kind not in ROWS or rule.threshold is not None:
            raise RuleBroken(
                f"{rule.text} cannot be evaluated row by row in a composite rule"
            )
        return self._test(rule)

    def _test(self, rule: Rule) -> str:
        return f"coalesce({self._told(rule)}, false)"

    def _told(self, rule: Rule) -> str:
        column = self._data.need(rule.parameters[0])
        condition = rule.condition
        assert condition is not None
        if rule.kind == "ColumnDataType":
            wanted = getattr(condition.operands[0], "value", "")
            if str(wanted).upper() not in _TYPES:
                raise RuleBroken(f"{wanted} is not a type that ColumnDataType knows")
            return f"TRY_CAST({column} AS {_TYPES[wanted.upper()]}) IS NOT NULL"
        if rule.kind == "ColumnLength":
            length = f"coalesce(length(CAST({column} AS VARCHAR)), 0)"
            return _compared(length, condition, self._number)
        if rule.kind == "DataFreshness":
            age = f"epoch({self._moment()} - CAST({column} AS TIMESTAMP))"
            return _compared(age, condition, self._number)
        return self._values(rule.parameters[0], column, condition)

    def _moment(self) -> str:
        return f"TIMESTAMP '{self._now:%Y-%m-%d %H:%M:%S}'"

    def _number(self, operand: Operand) -> str:
        return repr(number(operand))

    def _values(self, name: str, column: str, condition: Condition) -> str:
        words = [one for one in condition.operands if isinstance(one, Keyword)]
        rest = [one for one in condition.operands if not isinstance(one, Keyword)]
        if condition.operator == "matches":
            pattern = literal(getattr(rest[0], "value", ""))
            found = f"regexp_full_match(CAST({column} AS VARCHAR), {pattern})"
            return f"NOT {found}" if condition.negated else found
        if condition.operator in ("=", "!=", "in"):
            text = f"CAST({column} AS VARCHAR)"
            tests = [
                _KEYWORDS[one.name].format(column if one.name == "NULL" else text)
                for one in words
            ]
            tests += [f"{side} = {value}" for side, value in self._sides(name, rest)]
            fits = " OR ".join(f"coalesce({test}, false)" for test in tests)
            negated = condition.negated or condition.operator == "!="
            return f"NOT ({fits})" if negated else f"({fits})"
        side = self._sides(name, rest)[0][0]
        return _compared(side, condition, lambda one: self._sides(name, [one])[0][1])

    def _sides(self, name: str, operands: list[Operand]) -> list[tuple[str, str]]:
        """Return the column and each operand in the type in which they compare."""
        column = self._data.need(name)
        dated = any(isinstance(one, Duration) or [*calls(one)] for one in operands)
        words = [one for one in operands if isinstance(one, Text)]
        if dated or (words and self._data.is_date(name)):
            side = f"CAST({column} AS TIMESTAMP)"
            return [(side, self._time(one)) for one in operands]
        if words and len(words) == len(operands):
            if self._data.is_number(name) and all(_numeric(one) for one in words):
                side = f"CAST({column} AS DOUBLE)"
                return [(side, one.value) for one in words]
            return [(f"CAST({column} AS VARCHAR)", literal(one.value)) for one in words]
        side = f"TRY_CAST({column} AS DOUBLE)"
        return [(side, self._number(one)) for one in operands]

    def _time(self, operand: Operand) -> str:
        if isinstance(operand, Text):
            return f"CAST({literal(operand.value)} AS TIMESTAMP)"
        if isinstance(operand, Call) and operand.name == "now":
            return self._moment()
        if isinstance(operand, Binary) and isinstance(operand.right, Duration):
            span = f"to_seconds({operand.right.seconds})"
            return f"({self._time(operand.left)} {operand.sign} {span})"
        raise RuleBroken(f"{operand} is not a date")

    def outcome(self, rule: Rule) -> Outcome:
        """Evaluate a rule for all rows."""
        name, condition = rule.parameters[0], rule.condition
        assert condition is not None
        test, column = self._test(rule), self._data.need(name)
        rows, passed, empty = self._data.row(
            f"SELECT count(*), count(*) FILTER ({test}), "
            f"count(*) FILTER ({column} IS NULL AND NOT {test}) "
            f"FROM {self._data.rows(rule.where)}"
        )
        if not rows:
            return judged(False, "The rule found no rows to evaluate.")
        share = passed / rows
        if rule.threshold is not None:
            fine = holds(rule.threshold, share)
            return judged(fine, not_met(share), {_compliance(rule): share})
        ends = self._ends(rule)
        metrics = self._extremes(rule, ends) if ends else {_compliance(rule): share}
        if rule.kind == "DataFreshness":
            message = f"{100 * share:.2f} % of rows passed the threshold"
            return judged(passed == rows, message, metrics)
        messages = [not_met(value) for value in self._beyond(condition, metrics, ends)]
        messages += [not_met("NULL")] if empty and rule.kind == "ColumnValues" else []
        return judged(passed == rows, "\n".join(messages or [not_met(share)]), metrics)

    def _ends(self, rule: Rule) -> tuple[str, ...]:
        """Return which extremes tell of a rule about numbers."""
        condition = rule.condition
        assert condition is not None
        known = ("ColumnValues", "ColumnLength")
        if rule.kind not in known or condition.operator in ("in", "!=", "matches"):
            return ()
        if rule.kind == "ColumnValues":
            words = [one for one in condition.operands if not _is_number(one)]
            if words or not self._data.is_number(rule.parameters[0]):
                return ()
        return _ENDS.get(condition.operator, _BOTH)

    def _extremes(self, rule: Rule, ends: tuple[str, ...]) -> dict[str, float]:
        name = rule.parameters[0]
        column = self._data.need(name)
        value, suffix = f"CAST({column} AS DOUBLE)", ""
        if rule.kind == "ColumnLength":
            value, suffix = f"coalesce(length(CAST({column} AS VARCHAR)), 0)", "Length"
        found = self._data.row(
            f"SELECT max({value}), min({value}) FROM {self._data.rows(rule.where)}"
        )
        pairs = zip(_BOTH, found, strict=True)
        return {
            f"Column.{name}.{end}{suffix}": float(extreme)
            for end, extreme in pairs
            if end in ends and extreme is not None
        }

    def _beyond(
        self, condition: Condition, metrics: dict[str, float], ends: tuple[str, ...]
    ) -> list[float]:
        if not ends:
            return []
        return [value for value in metrics.values() if not holds(condition, value)]


def _compared(side: str, condition: Condition, shown: object) -> str:
    assert callable(shown)
    values = [shown(one) for one in condition.operands]
    if condition.operator == "between":
        test = f"({side} > {values[0]} AND {side} < {values[1]})"
    elif condition.operator == "in":
        test = f"{side} IN ({', '.join(values)})"
    else:
        test = f"{side} {condition.operator} {values[0]}"
    return f"NOT {test}" if condition.negated else test


def _compliance(rule: Rule) -> str:
    kind = (
        "LengthCompliance" if rule.kind == "ColumnLength" else f"{rule.kind}.Compliance"
    )
    matches = rule.condition is not None and rule.condition.operator == "matches"
    if rule.kind == "ColumnValues" and matches:
        kind = "PatternMatch"
    return f"Column.{rule.parameters[0]}.{kind}"


def _numeric(text: Text) -> bool:
    try:
        float(text.value)
    except ValueError:
        return False
    return True


def _is_number(operand: Operand) -> bool:
    return not isinstance(operand, Text | Keyword | Duration) and not [*calls(operand)]
