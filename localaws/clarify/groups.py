"""Which rows a facet's values, or a label's, choose.

The guide and the SDK's `BiasConfig` tell three kinds of column apart: binary,
categorical and continuous. Texts, truth values and two numbers are categories; of more
numbers one given number is a threshold, the exclusive lower bound, and several given
numbers, or texts, are categories.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from localaws.clarify.configuration import Value
from localaws.clarify.errors import ClarifyError


@dataclass(frozen=True)
class Group:
    """Rows that were chosen.

    Attributes:
        text: What chose them, as analysis.json names it: `1`, `cat,dog`, `(0.5, 1.0]`.
        members: Whether a row is one of them.
        labels: The column's values, between which the choice was made.
    """

    text: str
    members: pd.Series
    labels: pd.Series


def chosen(column: pd.Series, given: Sequence[Value], what: str) -> Group:
    """Return the rows that have one of the values, or are above the threshold.

    Args:
        column: Of the label or the facet.
        given: Values, or one threshold.
        what: Such as `the facet 'age'`.

    Raises:
        ClarifyError: They choose no row, or all.
    """
    check_complete(column, what)
    texts = as_texts(column)
    if _is_measure(column) and len(given) == 1 and not isinstance(given[0], str):
        members = column > given[0]
        group = Group(f"({given[0]}, {column.max()}]", members, members)
    else:
        truth = is_bool_dtype(column)
        wanted = [_text(bool(v) if truth and v in (0, 1) else v) for v in given]
        present = set(texts.unique())
        strange = [text for text in wanted if text not in present]
        if strange:
            shown = ", ".join(sorted(present)[:20])
            raise ClarifyError(
                f"{what} never has the value {', '.join(strange)}; it has {shown}"
            )
        group = Group(",".join(wanted), texts.isin(wanted), texts)
    if not group.members.any():
        raise ClarifyError(f"{what} has no value above {given[0]}: the group is empty")
    if group.members.all():
        raise ClarifyError(
            f"{what}: {group.text} chooses all {len(column)} rows, so that there is "
            "nothing to compare them with"
        )
    return group


def each_group(column: pd.Series, what: str) -> list[Group]:
    """Return one group a value.

    Raises:
        ClarifyError: The values are measures, or there is only one.
    """
    check_complete(column, what)
    if _is_measure(column) and (column % 1 != 0).any():
        raise ClarifyError(f"{what} is continuous: value_or_threshold must hold one")
    texts = as_texts(column)
    names = sorted(texts.unique())
    if len(names) == 1:
        raise ClarifyError(
            f"{what} has only the value {names[0]}: one group, and nothing to compare "
            "it with"
        )
    return [Group(name, texts == name, texts) for name in names]


def check_complete(column: pd.Series, what: str) -> None:
    """Raise `ClarifyError` where a column has gaps."""
    missing = int(column.isna().sum())
    if missing:
        raise ClarifyError(
            f"{what} is missing in {missing} of {len(column)} rows; fill or drop them "
            "before the analysis"
        )


def as_texts(column: pd.Series) -> pd.Series:
    """Return the values as analysis.json writes them: 1.0 is 1."""
    return column.map({value: _text(value) for value in column.unique()}).astype("str")


def _is_measure(column: pd.Series) -> bool:
    number = is_numeric_dtype(column) and not is_bool_dtype(column)
    return bool(number and column.nunique() > 2)


def _text(value: Value) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
