"""A ruleset, held against a data set."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from localaws.quality.custom_sql import custom_sql
from localaws.quality.dataset import PRIMARY, Dataset, quoted
from localaws.quality.errors import RuleBroken, RuleFailed, RunEnded
from localaws.quality.measures import MEASURES
from localaws.quality.outcome import Outcome, judged, not_met
from localaws.quality.references import COMPARISONS
from localaws.quality.ruleset import Composite, Node, Rule, Ruleset, singles
from localaws.quality.values import ROWS, RowRules

_ACTS = {**MEASURES, **COMPARISONS, "CustomSql": custom_sql}


class Evaluator:
    """Evaluates rules.

    Args:
        data: What they are held against.
        now: The time of the run.
        by_row: Whether composite rules speak of single rows.
    """

    def __init__(self, data: Dataset, now: dt.datetime, *, by_row: bool) -> None:
        self._data, self._by_row = data, by_row
        self._rows = RowRules(data, now)

    def results(self, ruleset: Ruleset) -> list[dict[str, Any]]:
        """Return the result of each rule.

        Raises:
            RunEnded: A where clause is not valid.
        """
        for rule in ruleset.every():
            self._check_where(rule)
        return [
            {"text": node.text, **asdict(self._outcome(node))} for node in ruleset.rules
        ]

    def _check_where(self, rule: Rule) -> None:
        if rule.where is None:
            return
        try:
            self._data.row(f"SELECT 1 FROM {self._data.rows(rule.where)} LIMIT 0")
        except RuleBroken as error:
            raise RunEnded(
                f"Rule {rule.text} has provided an invalid where clause :\n{error}"
            ) from error

    def _outcome(self, node: Node) -> Outcome:
        try:
            if isinstance(node, Rule):
                return self._single(node)
            return self._by_rows(node) if self._by_row else self._composite(node)
        except RuleFailed as error:
            return judged(False, str(error))
        except RuleBroken as error:
            return Outcome("ERROR", str(error))

    def _single(self, rule: Rule) -> Outcome:
        if rule.kind in ROWS:
            return self._rows.outcome(rule)
        return _ACTS[rule.kind](self._data, rule)

    def _composite(self, node: Composite) -> Outcome:
        found = [self._outcome(part) for part in node.parts]
        metrics = {name: value for one in found for name, value in one.metrics.items()}
        results = {one.result for one in found}
        message = "\n".join(one.message for one in found if one.message)
        if node.all_of:
            kind = next((k for k in ("FAIL", "ERROR") if k in results), "PASS")
        else:
            kind = next((k for k in ("PASS", "FAIL") if k in results), "ERROR")
        return Outcome(kind, "" if kind == "PASS" else message, metrics)

    def _by_rows(self, node: Composite) -> Outcome:
        if any(rule.where is not None for rule in singles(node)):
            raise RuleBroken("A where clause is not evaluated row by row here.")
        test = self._predicate(node)
        rows, passed = self._data.row(
            f"SELECT count(*), count(*) FILTER ({test}) FROM {self._data.rows(None)}"
        )
        share = passed / rows if rows else 0.0
        return judged(bool(rows) and passed == rows, not_met(share))

    def _predicate(self, node: Node) -> str:
        if isinstance(node, Rule):
            return self._rows.predicate(node)
        sign = " AND " if node.all_of else " OR "
        return f"({sign.join(self._predicate(part) for part in node.parts)})"


def row_count(data: Dataset) -> int:
    """Return how many rows were looked at."""
    return int(data.row(f"SELECT count(*) FROM {quoted(PRIMARY)}")[0])
