"""Manage columns: drop, duplicate, rename, move, concatenate."""

from typing import Any

import pandas as pd

from localaws.wrangler.choices import Members, Step, call, choose, whole
from localaws.wrangler.errors import FlowError
from localaws.wrangler.frames import need, text


def manage_columns(step: Step) -> pd.DataFrame:
    """Do what the node chose."""
    function, given, _ = choose(step.parameters, _TABLE)
    if function is choose:
        function, given, _ = choose(given, _MOVES, "move_type")
    return call(function, given, step.frame)


def _drop(frame: pd.DataFrame, *, column_to_drop: Any) -> pd.DataFrame:
    return frame.drop(columns=need(frame, _listed(column_to_drop)))


def _duplicate(
    frame: pd.DataFrame, *, input_column: str, new_name: str
) -> pd.DataFrame:
    need(frame, [input_column])
    _check_name(input_column, new_name)
    return frame.assign(**{new_name: frame[input_column]})


def _rename(
    frame: pd.DataFrame,
    *,
    input_column: str | None = None,
    new_name: str | None = None,
    columns_to_rename: list[Members] | None = None,
) -> pd.DataFrame:
    wanted = list(columns_to_rename or ())
    if input_column or not wanted:
        wanted.append({"input_column": input_column, "new_name": new_name})
    for pair in wanted:
        old, new = pair.get("input_column"), pair.get("new_name")
        need(frame, [old])
        _check_name(old, new)
        frame = frame.rename(columns={old: new})
    return frame


def _check_name(old: Any, new: Any) -> None:
    if not str(new or "").strip():
        raise FlowError("new_name must not be empty")
    if new == old:
        raise FlowError(f"the new name {new!r} is the old one")


def _to_index(frame: pd.DataFrame, *, column_to_move: Any, index: Any) -> pd.DataFrame:
    moved = sorted(need(frame, _listed(column_to_move)), key=list(frame).index)
    place = whole(index, "index")
    if not 0 <= place < len(frame.columns):
        raise FlowError(f"index {place} is not below the {len(frame.columns)} columns")
    others = [name for name in frame if name not in moved]
    return frame[[*others[:place], *moved, *others[place:]]]


def _to_start(frame: pd.DataFrame, *, column_to_move: Any) -> pd.DataFrame:
    return _to_index(frame, column_to_move=column_to_move, index=0)


def _to_end(frame: pd.DataFrame, *, column_to_move: Any) -> pd.DataFrame:
    last = len(frame.columns) - 1
    return _to_index(frame, column_to_move=column_to_move, index=last)


def _after(
    frame: pd.DataFrame, *, column_to_move: Any, target_column: str
) -> pd.DataFrame:
    place = _place(frame, column_to_move, target_column) + 1
    return _to_index(frame, column_to_move=column_to_move, index=place)


def _before(
    frame: pd.DataFrame, *, column_to_move: Any, target_column: str
) -> pd.DataFrame:
    place = _place(frame, column_to_move, target_column)
    return _to_index(frame, column_to_move=column_to_move, index=place)


def _place(frame: pd.DataFrame, moved: Any, target: str) -> int:
    need(frame, [target])
    if target in _listed(moved):
        raise FlowError(f"{target!r} cannot be moved beside itself")
    return [name for name in frame if name not in _listed(moved)].index(target)


def _concatenate(
    frame: pd.DataFrame,
    *,
    left_column: str,
    right_column: str,
    delimiter: str = "_",
    output_column: str | None = None,
) -> pd.DataFrame:
    need(frame, [left_column, right_column])
    pairs = zip(text(frame[left_column]), text(frame[right_column]), strict=True)
    joined = [delimiter.join(v for v in pair if v is not None) for pair in pairs]
    name = output_column or f"{left_column}_{right_column}"
    return frame.assign(**{name: pd.Series(joined, index=frame.index, dtype=object)})


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


_MOVES = {
    "Move to start": (_to_start, "move_to_start_parameters"),
    "Move to end": (_to_end, "move_to_end_parameters"),
    "Move to index": (_to_index, "move_to_index_parameters"),
    "Move after": (_after, "move_after_parameters"),
    "Move before": (_before, "move_before_parameters"),
}
_TABLE = {
    "Drop column": (_drop, "drop_column_parameters"),
    "Duplicate column": (_duplicate, "duplicate_column_parameters"),
    "Rename column": (_rename, "rename_column_parameters"),
    "Move column": (choose, "move_column_parameters"),
    "Concatenate columns": (_concatenate, "concat_columns_parameters"),
}
