"""CustomSql: a query of one's own, for one value or for the rows that pass."""

from localaws.quality.conditions import holds
from localaws.quality.dataset import PRIMARY, Dataset, quoted, translated
from localaws.quality.errors import RuleBroken
from localaws.quality.measures import counted_rows
from localaws.quality.outcome import Outcome, judged, measured, not_met
from localaws.quality.ruleset import Rule

_NO_COLUMN = (
    "The output from CustomSQL must contain at least one column that matches the input "
    "dataset for AWS Glue Data Quality to provide row level results. The SQL query is "
    "a valid query but the columns from the SQL result are not present in the Input "
    "Dataset. Ensure that matching columns are returned from the SQL."
)
_METRIC = "Dataset.*.CustomSQL"


def custom_sql(data: Dataset, rule: Rule) -> Outcome:
    """Evaluate a rule of this type."""
    sql = translated(rule.parameters[0])
    if rule.condition is not None:
        found = data.all(sql)
        if len(found) != 1 or len(found[0]) != 1:
            raise RuleBroken("The query of a CustomSql rule returns a single value.")
        return measured(_METRIC, found[0][0], rule.condition)
    names = [name for name in data.named(sql) if name.lower() in data.columns()]
    if not names:
        raise RuleBroken(_NO_COLUMN)
    same = " AND ".join(
        f"p.{quoted(name)} IS NOT DISTINCT FROM q.{quoted(name)}" for name in names
    )
    rows = counted_rows(data)
    if not rows:
        return judged(False, "The rule found no rows to evaluate.")
    passed = data.row(
        f"SELECT count(*) FROM {quoted(PRIMARY)} AS p "
        f"WHERE EXISTS (SELECT 1 FROM ({sql}) AS q WHERE {same})"
    )[0]
    share = passed / rows
    fine = passed == rows
    if rule.threshold is not None:
        fine = holds(rule.threshold, share)
    return judged(fine, not_met(share), {f"{_METRIC}.Compliance": share})
