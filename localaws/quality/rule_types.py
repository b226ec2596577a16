"""The rule types of DQDL, and what each takes."""

from dataclasses import dataclass
from typing import Literal

from localaws.quality.errors import Refused, RulesetError
from localaws.quality.ruleset import Condition, Duration, Number, Operand, Rule, Text

_MANY = 100
Returns = Literal["boolean", "number", "values", "type", "duration", "sql"]


@dataclass(frozen=True)
class Signature:
    """What a rule type takes.

    Attributes:
        returns: What its condition speaks of.
        least: Fewest parameters.
        most: Most parameters.
        threshold: Whether `with threshold` may follow.
    """

    returns: Returns
    least: int = 1
    most: int = 1
    threshold: bool = False


RULES = {
    "AggregateMatch": Signature("number", 2, 2),
    "ColumnCorrelation": Signature("number", 2, 2),
    "ColumnCount": Signature("number", 0, 0),
    "ColumnDataType": Signature("type", threshold=True),
    "ColumnExists": Signature("boolean"),
    "ColumnLength": Signature("number"),
    "ColumnNamesMatchPattern": Signature("boolean"),
    "ColumnValues": Signature("values", threshold=True),
    "Completeness": Signature("number"),
    "CustomSql": Signature("sql", threshold=True),
    "DataFreshness": Signature("duration"),
    "DatasetMatch": Signature("number", 2, 3),
    "DistinctValuesCount": Signature("number"),
    "Entropy": Signature("number"),
    "IsComplete": Signature("boolean"),
    "IsPrimaryKey": Signature("boolean", 1, _MANY),
    "IsUnique": Signature("boolean", 1, _MANY),
    "Mean": Signature("number"),
    "ReferentialIntegrity": Signature("number", 2, 2),
    "RowCount": Signature("number", 0, 0),
    "RowCountMatch": Signature("number"),
    "SchemaMatch": Signature("number"),
    "StandardDeviation": Signature("number"),
    "Sum": Signature("number"),
    "UniqueValueRatio": Signature("number"),
    "Uniqueness": Signature("number", 1, _MANY),
}
_ELSEWHERE = {
    "DetectAnomalies": "compares a statistic with its forecast from earlier runs",
    "Distribution": "holds the distribution of a column against an earlier one",
    "DuplicateRowCount": "counts the rows that are there twice",
    "FileFreshness": "checks how old the files are",
    "FileMatch": "compares files by their checksums",
    "FileSize": "checks how large the files are",
    "FileUniqueness": "finds files that are there twice",
}
_ANALYZERS = ("AllStatistics", "Distribution", "DetectAnomalies")


def check(rule: Rule) -> None:
    """Raise an error if a rule is not as its type wants it.

    Raises:
        RulesetError: AWS does not take it.
        Refused: It does not act here.
    """
    if rule.kind in _ELSEWHERE:
        raise Refused(f"DQDL rule type {rule.kind}", _ELSEWHERE[rule.kind])
    found = RULES.get(rule.kind)
    if found is None:
        raise _wrong(rule, f"Rule Type: {rule.kind} is not valid")
    follows = RULES.keys() & set(rule.parameters)
    if follows:
        raise _wrong(rule, f"a comma is missing before {sorted(follows)[0]}")
    if not found.least <= len(rule.parameters) <= found.most:
        raise _wrong(rule, "Unexpected number of parameters")
    if rule.threshold is not None:
        if not found.threshold:
            raise _wrong(rule, f"with threshold is not for {rule.kind}")
        _check_numbers(rule, rule.threshold)
    _check_condition(rule, found.returns)


def check_analyzer(rule: Rule) -> None:
    """Raise an error if an analyzer is of no type."""
    if rule.kind not in RULES and rule.kind not in _ANALYZERS:
        raise _wrong(rule, f"Analyzer Type: {rule.kind} is not valid")


def _check_condition(rule: Rule, returns: Returns) -> None:
    condition = rule.condition
    if returns == "boolean":
        if condition is not None:
            raise _wrong(rule, f"{rule.kind} takes no condition")
    elif condition is None:
        if returns != "sql":
            raise _wrong(rule, f"{rule.kind} needs a condition")
    elif returns == "sql":
        if rule.threshold is not None:
            raise _wrong(rule, "CustomSql takes a condition or a threshold, not both")
        _check_numbers(rule, condition)
    elif returns == "number":
        _check_numbers(rule, condition)
    elif returns == "duration":
        _check_operands(rule, condition, Duration, "a time span in hours or days")
    elif returns == "type" and condition.operator != "=":
        raise _wrong(rule, "ColumnDataType compares with =")


def _check_numbers(rule: Rule, condition: Condition) -> None:
    if condition.operator == "matches":
        raise _wrong(rule, f"{rule.kind} returns a number, which matches no pattern")
    for one in condition.operands:
        if isinstance(one, Text) and not _numeric(one):
            raise _wrong(rule, f'"{one.value}" is not a number')
        if isinstance(one, Duration):
            raise _wrong(rule, f"{rule.kind} is not compared with a time span")


def _check_operands(
    rule: Rule, condition: Condition, kind: type[Operand], words: str
) -> None:
    if not all(isinstance(one, kind) for one in condition.operands):
        raise _wrong(rule, f"{rule.kind} is compared with {words}")


def _numeric(text: Text) -> bool:
    try:
        Number(float(text.value))
    except ValueError:
        return False
    return True


def _wrong(rule: Rule, message: str) -> RulesetError:
    return RulesetError(f"Parsing Error: {rule.place} {message}: {rule.text}")
