"""What a principal sees of a table."""

from dataclasses import dataclass
from typing import Any

Members = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """Some columns of some rows.

    Attributes:
        columns: Their names.
        rows: The row filter expression; None for all rows.
    """

    columns: tuple[str, ...]
    rows: str | None


@dataclass(frozen=True)
class Sight:
    """What Lake Formation lets a principal do with a table.

    Attributes:
        permissions: Such as `SELECT`.
        cells: What may be read.
        known: Every column of the table.
        administers: Whether an administrator asks, who may see what there is.
    """

    permissions: frozenset[str]
    cells: tuple[Cell, ...]
    known: tuple[str, ...]
    administers: bool

    def may(self, permission: str) -> bool:
        """Return whether a permission is there; any lets describe the table."""
        if permission == "DESCRIBE":
            return self.administers or bool(self.permissions)
        return bool(self.permissions & {"ALL", permission})

    @property
    def readable(self) -> tuple[str, ...]:
        """The columns of which some value may be read."""
        seen = {name for cell in self.cells for name in cell.columns}
        return tuple(name for name in self.known if name in seen)

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that the catalog shows."""
        whole = self.administers or not self.cells
        return self.known if whole else self.readable

    @property
    def whole(self) -> bool:
        """Whether every column of every row may be read."""
        return any(
            cell.rows is None and set(cell.columns) == set(self.known)
            for cell in self.cells
        )

    def plan(self) -> list[Members] | None:
        """Return the cells as a query's plan holds them; None for the whole table."""
        if self.whole:
            return None
        return [
            {"columns": list(cell.columns), "rows": cell.rows} for cell in self.cells
        ]
