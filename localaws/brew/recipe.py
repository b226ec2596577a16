"""A recipe's steps, one after the other."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from localaws.brew.actions import ACTIONS
from localaws.brew.conditions import fitting
from localaws.brew.documented import acting
from localaws.brew.errors import BrewError
from localaws.brew.frames import normal
from localaws.brew.step import Reader, Step

Members = dict[str, Any]


def cook(frame: pd.DataFrame, steps: Iterable[Members], read: Reader) -> pd.DataFrame:
    """Return the data as the steps leave it, and say what each has done.

    Args:
        frame: The data.
        steps: Action and ConditionExpressions of each.
        read: Reads a secondary data set.

    Raises:
        BrewError: A step cannot be done; it is named.
    """
    for number, given in enumerate(steps, 1):
        name = given["Action"]["Operation"]
        try:
            frame = normal(_done(frame, given, read))
        except BrewError as error:
            raise BrewError(f"Recipe step {number} ({name}) failed: {error}") from error
        except KeyError as error:
            raise BrewError(
                f"Recipe step {number} ({name}) failed: a parameter has no {error}."
            ) from error
        shown = f"{len(frame)} rows, {len(frame.columns)} columns"
        print(f"Recipe step {number} ({name}): {shown}", flush=True)
    return frame


def _done(frame: pd.DataFrame, given: Members, read: Reader) -> pd.DataFrame:
    name = given["Action"]["Operation"]
    parameters = dict(given["Action"].get("Parameters") or {})
    conditions = given.get("ConditionExpressions") or ()
    if not conditions:
        return ACTIONS[name](Step(frame, parameters, read))
    rows = fitting(frame, conditions, parameters.get("columnDataType"))
    part = ACTIONS[name](Step(frame[rows], parameters, read))
    rest = frame[~rows]
    if not acting()[name].within:
        raise BrewError("The action takes no ConditionExpressions.")
    whole = pd.concat([one for one in (part, rest) if len(one)] or [part])
    return whole.sort_index().reindex(columns=part.columns)
