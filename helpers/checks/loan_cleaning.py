"""Lab 1.2, task 1: defects set aside, gaps filled from the training rows, no leaks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.loans import book, files
from helpers.payments.naming import dice

if TYPE_CHECKING:
    from pandas import DataFrame

KEYS = ["defects", "fills", "rows"]
NONE = "none"
BAR = 0.95
SAME = 1e-6
# How to find each kind of defect.
LOOK = {
    "copy": "application, which names a loan: a later row of it is a copy, whatever "
    "else it says, and two applications may be alike",
    "impossible": "the book: what lies outside the range of its column",
    "contradictory": "a part that is more than its whole: open credit lines or cards "
    "among all of them",
    "thousands": "annual_income: what remains above zero and below any income",
    "misspelt": "the book: a word that is not in the list of its column",
}
REAL = "values that are rare and true, such as large incomes: what does the book allow?"
FIRST = "which file of a loan that was sent again stays: the first"
# Written at about the time of the decision: it is no mistake to drop or to keep them.
EITHER = ["issue_month", "initial_listing_status", "disbursement_method"]


def drawn(seed: int) -> JSON:
    """Draw the files to try on, and others to be graded on."""
    return {
        "seed": seed,
        "graded": dice(seed, "graded loan files").randrange(2**31),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from pandas import DataFrame

    given = files.land({"seed": inputs["graded"]})
    raw = given["loans"].copy()
    returned = answer(given["loans"], given["book"])
    if not isinstance(returned, dict) or sorted(map(str, returned)) != KEYS:
        return {"returned": _kind(returned)}
    rows, fills, said = returned["rows"], returned["fills"], returned["defects"]
    if not isinstance(rows, DataFrame):
        return {"returned": f"rows: {_kind(rows)}"}
    if "row" not in rows:
        return {"returned": "rows: a frame without the column row"}
    try:
        defects = sorted({_number(row) for row in said})
    except (TypeError, ValueError):
        return {"returned": f"defects: {_kind(said)}, not the numbers in row"}
    try:
        values = {str(name): _plain(value) for name, value in dict(fills).items()}
    except (TypeError, ValueError):
        return {"returned": f"fills: {_kind(fills)}, not a number by column"}
    return {"defects": defects, "fills": values, **_compared(raw, rows)}


def _compared(raw: "DataFrame", rows: "DataFrame") -> JSON:
    """Compare what came back with what was given, row by row and column by column."""
    raw, rows = raw.set_index("row"), rows.set_index("row")
    ids = [int(row) for row in rows.index]
    found: JSON = {"rows": ids, "columns": [str(name) for name in rows]}
    found |= {"gaps": {}, "filled": {}, "changed": {}, "unmarked": {}}
    if len({*ids}) < len(ids) or not {*ids} <= {*raw.index}:
        return found
    before = raw.loc[rows.index]
    for name in (name for name in raw if name in rows):
        was, now = before[name], rows[name]
        empty = was.isna()
        found["gaps"][name] = int(now.isna().sum())
        found["changed"][name] = int((was != now)[~empty].sum())
        if empty.any():
            values = now[empty].dropna().unique()[:3]
            found["filled"][name] = [_plain(value) for value in values]
            if (mark := f"{name}_known") in rows:
                right = rows[mark].astype(float) == (~empty).astype(float)
                found["unmarked"][name] = int((~right).sum())
    return found


def _kind(value: Any) -> str:
    """Say of what kind a value is, in place of all that it holds."""
    if isinstance(value, dict):
        return f"a dict of {', '.join(map(str, value)) or 'nothing'}"
    return "None" if value is None else f"a {type(value).__name__}"


def _number(row: Any) -> int:
    if str(row) in ("True", "False"):
        raise ValueError("a mask")
    return int(row)


def _plain(value: Any) -> float | str:
    return value if isinstance(value, str) else round(float(value), 6)


def _verdict(inputs: JSON, evidence: JSON) -> str:
    if "returned" in evidence:
        raise CheckFailed(
            "a dict of defects, fills and rows; rows is a frame with the column row",
            evidence["returned"],
            "your return statement",
        )
    drawn = files.draw(inputs["graded"])
    recall, precision = _sorted_out(drawn, evidence["defects"])
    kept = drawn.rows[~drawn.rows["row"].isin(evidence["defects"])]
    _whole(kept, evidence)
    numbers = _filled(kept, drawn.rows, evidence)
    return (
        f"{recall:.0%} of the defects found, {precision:.0%} of what you set aside is "
        f"one; {numbers} fills, no leak."
    )


def _sorted_out(drawn: files.Files, defects: list[int]) -> tuple[float, ...]:
    planted, said = drawn.planted, {*defects}
    true = {row for rows in planted.values() for row in rows}
    found = {k: len(said & {*rows}) / len(rows) for k, rows in planted.items()}
    recall, precision = len(said & true) / len(true), 0.0
    if said:
        precision = len(said & true) / len(said)
    if recall < BAR:
        worst = min(found, key=lambda kind: found[kind])
        raise CheckFailed(
            f"at least {BAR:.0%} of the {len(true)} rows with a defect",
            f"{recall:.0%}; of the kind that you find least often, {found[worst]:.0%}",
            LOOK[worst],
        )
    if precision < BAR:
        again = drawn.rows["application"][drawn.rows["row"].isin(planted["copy"])]
        sent = drawn.rows.loc[drawn.rows["application"].isin(again), "row"]
        false = said - true
        raise CheckFailed(
            f"at least {BAR:.0%} of the rows that you set aside have a defect",
            f"{precision:.0%}: {len(false)} of {len(said)} have none",
            FIRST if 2 * len(false & {*sent}) > len(false) else REAL,
        )
    return recall, precision


def _whole(kept: "DataFrame", evidence: JSON) -> None:
    """Ask for the rows and columns that are to stay, and for no others."""
    asked, found = [*kept["row"]], evidence["rows"]
    if sorted(found) != sorted(asked):
        raise CheckFailed(
            f"rows: each of the {len(asked):,} that you do not call a defect, once",
            f"{len(found):,} rows, {len({*found} & {*asked}):,} of them asked",
            "dropna takes rows away; a join may repeat them",
        )
    columns = evidence["columns"]
    leaking = [name for name in book.LEAKS if name in columns]
    if leaking:
        raise CheckFailed(
            "no column that is not known when an application arrives",
            ", ".join(leaking),
            "what the bank decides with the rate, or books after it",
        )
    lost = [n for n in kept if n not in [*columns, *book.LEAKS, *EITHER, "row"]]
    if lost:
        raise CheckFailed(
            "every column that is known when an application arrives, and the rate",
            f"without {', '.join(lost)}",
            "what you drop; a column with many gaps can be filled and marked",
        )
    changed = {name: count for name, count in evidence["changed"].items() if count}
    if changed:
        name, count = next(iter(changed.items()))
        raise CheckFailed(
            "values of the files where there are values",
            f"{count:,} others in {name}",
            "what you fill or scale: only gaps are to be filled",
        )


def _filled(kept: "DataFrame", everything: "DataFrame", evidence: JSON) -> int:
    """Ask for the median of the training rows in each gap, and give their number."""
    known = kept.drop(columns=[*book.LEAKS, "row", "application", "part"])
    gaps = [name for name in known if known[name].isna().any()]
    numbers = [name for name in gaps if known[name].dtype.kind in "if"]
    left = {name: count for name, count in evidence["gaps"].items() if count}
    if left:
        some = ", ".join(f"{name} ({count:,})" for name, count in [*left.items()][:3])
        raise CheckFailed(
            "no gap in any column, in either part",
            f"gaps in {len(left)} columns, such as {some}",
            "fillna with a dict: the median by column of numbers, none by one of words",
        )
    fills = evidence["fills"]
    if sorted(fills) != sorted(numbers):
        apart = sorted({*fills} ^ {*numbers})
        raise CheckFailed(
            f"fills for the {len(numbers)} columns of numbers with gaps",
            f"{len(fills)}; missing or too many: {', '.join(apart)}",
            "the keys of fills; words that are missing become 'none' without one",
        )
    train = kept[kept["part"] == "train"]
    means = {"the mean": train.mean(numeric_only=True)}
    others = {
        "the median of both parts": kept,
        "the median with the defects in it": everything[everything["part"] == "train"],
        "the median of all files as they came": everything,
        "that of the test rows": kept[kept["part"] == "test"],
    }
    wrong = [name for name in numbers if not _near(fills[name], train[name].median())]
    if wrong:
        medians = {k: rows[wrong].median() for k, rows in others.items()}
        like = [
            what
            for what, values in (medians | means).items()
            if all(_near(fills[name], values[name]) for name in wrong)
        ]
        name = wrong[0]
        raise CheckFailed(
            f"{name}: {train[name].median():,.6g}, the median of the training rows "
            "without defects",
            f"{fills[name]:,.6g}" + (f", {like[0]}" if like else ""),
            "median, on a frame without defects and of the training part alone: what "
            "is to be judged must not teach",
        )
    for name in gaps:
        asked = fills.get(name, NONE)
        wrong = [v for v in evidence["filled"][name] if not _near(v, asked)]
        if wrong:
            raise CheckFailed(
                f"{name}: {asked} in each gap, of both parts",
                f"{wrong[0]}",
                "one value a column, the same in training, test and service",
            )
    unmarked = [n for n in numbers if evidence["unmarked"].get(n) != 0]
    if unmarked:
        raise CheckFailed(
            f"{unmarked[0]}_known: 1 where there was a value, 0 where there was a gap",
            "another one" if unmarked[0] in evidence["unmarked"] else "no such column",
            "mark before you fill: afterwards the gap is gone",
        )
    return len(numbers)


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return abs(one - other) <= SAME * max(1, abs(other))


clean_without_leaks = Check(drawn, _probe, _verdict)
