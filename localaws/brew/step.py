"""One step of a recipe as an action sees it: the data, and its parameters."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from localaws.brew.errors import BrewError
from localaws.brew.frames import floats, kind, need, texts

Parameters = dict[str, str]
# Reads a secondary data set, by its name or by the place of its objects.
Reader = Callable[[str, dict[str, Any] | None], pd.DataFrame]


@dataclass(frozen=True)
class Step:
    """What an action acts on.

    Attributes:
        frame: The data as the steps before have left it.
        given: The parameters.
        read: Reads a secondary data set.
    """

    frame: pd.DataFrame
    given: Parameters
    read: Reader

    def text(self, name: str, default: str | None = None) -> str:
        """Return a parameter.

        Raises:
            BrewError: It is not given, and has no default.
        """
        value = self.given.get(name, default)
        if value is None:
            raise BrewError(f"The parameter {name} must be given.")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Return a parameter that is a number."""
        value = self.text(name, None if default is None else str(default))
        try:
            return float(value)
        except ValueError as error:
            raise BrewError(f"{name} must be a number, found {value!r}.") from error

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a parameter that is a whole number."""
        value = self.number(name, default)
        if value != int(value):
            raise BrewError(f"{name} must be a whole number, found {value}.")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a parameter that is true or false."""
        value = self.text(name, str(default)).lower()
        if value not in ("true", "false"):
            raise BrewError(f"{name} must be true or false, found {value!r}.")
        return value == "true"

    def choice(self, name: str, *known: str, default: str | None = None) -> str:
        """Return a parameter that is one of some words."""
        value = self.text(name, default)
        if value not in known:
            words = ", ".join(known)
            raise BrewError(f"{name} must be one of {words}; found {value!r}.")
        return value

    def listed(self, name: str) -> list[Any]:
        """Return a parameter that is a list in JSON."""
        found = self.json(name)
        if not isinstance(found, list):
            raise BrewError(f"{name} must be a JSON list, found {self.text(name)!r}.")
        return found

    def json(self, name: str) -> Any:
        """Return a parameter that is JSON."""
        try:
            return json.loads(self.text(name))
        except ValueError as error:
            raise BrewError(
                f"{name} must be JSON, found {self.text(name)!r}."
            ) from error

    @property
    def name(self) -> str:
        """The source column, which is there."""
        return need(self.frame, self.text("sourceColumn"))[0]

    @property
    def source(self) -> pd.Series:
        """The values of the source column."""
        return self.frame[self.name]

    @property
    def words(self) -> pd.Series:
        """The values of the source column as strings."""
        return texts(self.source)

    @property
    def floats(self) -> pd.Series:
        """The values of the source column, of numbers, as float64."""
        return floats(self.frame, self.text("sourceColumn"))

    def columns(self, name: str = "sourceColumns") -> list[str]:
        """Return the columns that a parameter lists, which are there."""
        return need(self.frame, *map(str, self.listed(name)))

    def put(self, values: pd.Series, target: str | None = None) -> pd.DataFrame:
        """Return the data with a column set; a new one comes last.

        Args:
            values: Of the column.
            target: Its name; the source column's if there is none.
        """
        return self.frame.assign(**{target or self.name: values})

    def new(self, values: pd.Series) -> pd.DataFrame:
        """Return the data with the target column.

        Raises:
            BrewError: There is a column of this name.
        """
        target = self.text("targetColumn")
        if target in self.frame.columns:
            raise BrewError(f"Column {target!r} already exists.")
        return self.put(values, target)

    def keep(self, rows: pd.Series) -> pd.DataFrame:
        """Return some of the rows."""
        return self.frame[rows.astype(bool)]

    def is_text(self) -> bool:
        """Tell whether the source column is one of strings."""
        return kind(self.source) == "string"
