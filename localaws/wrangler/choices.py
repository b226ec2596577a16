"""The parameters of a node: which transform it chose, and what that was given.

A node's parameters name a choice, such as `"operator": "Drop column"`, and hold one
member for each choice that its author looked at; that of the choice made counts.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from localaws.wrangler.errors import FlowError, NotActed
from localaws.wrangler.frames import need

Members = dict[str, Any]
_OUTPUTS = ("output_column", "output_prefix", "output_column_prefix")


@dataclass
class Step:
    """What an operator works on.

    Attributes:
        frames: Its inputs.
        parameters: Those of the node.
        trained: What the node has learned; the operator adds to it.
        job: What reads and writes outside the flow; only sources need it.
    """

    frames: list[pd.DataFrame]
    parameters: Members
    trained: Members = field(default_factory=dict)
    job: Any = None

    @property
    def frame(self) -> pd.DataFrame:
        """The one input."""
        if len(self.frames) != 1:
            raise FlowError(f"needs one input, and has {len(self.frames)}")
        return self.frames[0]


@dataclass(frozen=True)
class Absent:
    """Stands for a choice that does not act.

    Attributes:
        does: What it does on AWS.
    """

    does: str


Table = Mapping[str, tuple[Callable[..., Any] | Absent, str]]


def choose(
    parameters: Members, table: Table, key: str = "operator"
) -> tuple[Callable[..., Any], Members, str]:
    """Return the function of the choice made, its parameters and their member."""
    name = parameters.get(key)
    if name not in table:
        known = ", ".join(map(repr, table))
        raise FlowError(f"{key} must be one of {known}; found {name!r}")
    function, member = table[name]
    if isinstance(function, Absent):
        raise NotActed(f"{key} {name!r}", function.does)
    given = parameters.get(member)
    return function, given if isinstance(given, dict) else {}, member


def call(function: Callable[..., Any], given: Members, *arguments: Any) -> Any:
    """Call a function whose keyword-only parameters are those of a node."""
    accepted = {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    values = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(set(values) - set(accepted))
    if unknown:
        raise FlowError(f"unknown parameters: {', '.join(unknown)}")
    needed = [
        n for n, p in accepted.items() if p.default is p.empty and n not in values
    ]
    if needed:
        raise FlowError(f"missing parameters: {', '.join(needed)}")
    return function(*arguments, **values)


def columns(frame: pd.DataFrame, given: Members) -> Iterator[tuple[str, str, Members]]:
    """Yield each input column, its output column and the other parameters.

    With many input columns the output column is the prefix of their names.
    """
    rest = {k: v for k, v in given.items() if k != "input_column" and k not in _OUTPUTS}
    wanted = given.get("input_column")
    if not wanted:
        raise FlowError("missing parameters: input_column")
    output = next((given[name] for name in _OUTPUTS if given.get(name)), None)
    many = wanted if isinstance(wanted, list) else [wanted]
    for column in need(frame, many):
        named = f"{output}_{column}" if output and len(many) > 1 else output
        yield column, named or column, rest


def change(
    frame: pd.DataFrame, given: Members, function: Callable[..., pd.Series]
) -> pd.DataFrame:
    """Apply a function of one column to each input column."""
    result = frame.copy()
    for column, output, rest in columns(frame, given):
        result[output] = call(function, rest, result[column])
    return result


def whole(value: Any, name: str) -> int:
    """Return a parameter as an integer."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise FlowError(f"{name} must be an integer; found {value!r}") from None


def real(value: Any, name: str) -> float:
    """Return a parameter as a number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise FlowError(f"{name} must be a number; found {value!r}") from None
