"""DynamicFrame: records that describe themselves, on a DataFrame of Spark.

A field with values of several types is a struct with one field a type, marked in the
schema as a choice; `toDF` leaves the struct, as on AWS.
"""

from collections.abc import Callable
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame

from localaws.glue_runtime import choices, mapping, records
from localaws.glue_runtime.choices import choices as choice_paths
from localaws.glue_runtime.refusing import NotActingHere, refuse


class DynamicFrame:
    """A distributed set of records, whose fields need not have one type.

    Args:
        data: The DataFrame; columns may be marked as choices.
        glue_ctx: The GlueContext.
        name: For the log.
    """

    def __init__(
        self,
        data: DataFrame,
        glue_ctx: Any,
        name: str = "",
        failed: tuple[RDD, ...] = (),
    ) -> None:
        self._data = data
        self._failed = failed
        self.glue_ctx = glue_ctx
        self.name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        refuse("DynamicFrame", name)

    def _next(self, data: DataFrame, *failed: RDD) -> "DynamicFrame":
        return DynamicFrame(data, self.glue_ctx, self.name, (*self._failed, *failed))

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: Any, name: str) -> "DynamicFrame":
        """Return a DataFrame as a DynamicFrame."""
        return cls(choices.plain(dataframe), glue_ctx, name)

    def toDF(self, options: list[Any] | None = None) -> DataFrame:
        """Return the DataFrame; a choice is a struct of its types."""
        if options:
            raise NotActingHere("DynamicFrame.toDF(options)", "resolves choices")
        return choices.plain(self._data)

    def count(self) -> int:
        """Return how many records there are."""
        return self._data.count()

    def errorsCount(self) -> int:
        """Return how many records functions of the script have failed on."""
        return sum(one.count() for one in self._failed)

    def schema(self) -> Any:
        """Return the schema, as Spark's; a choice is a struct that is marked."""
        return self._data.schema

    def printSchema(self) -> None:
        """Print the schema."""
        print(choices.tree(self._data.schema))

    def show(self, num_rows: int = 20) -> None:
        """Print records, each as JSON."""
        schema = self._data.schema
        for row in self._data.take(num_rows):
            print(records.shown(records.record(row, schema)))

    def getNumPartitions(self) -> int:
        """Return the number of partitions."""
        return self._data.rdd.getNumPartitions()

    def apply_mapping(
        self, mappings: list[tuple[str, ...]], *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return the named fields, with new names and types."""
        _thresholds("apply_mapping", more, named, ("case_sensitive",))
        return self._next(mapping.apply_mapping(self._data, mappings))

    def resolveChoice(
        self,
        specs: list[tuple[str, str]] | None = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        *more: Any,
        **named: Any,
    ) -> "DynamicFrame":
        """Return a frame in which fields of several types have one.

        Args:
            specs: Paths and what to do with each.
            choice: What to do with every other choice.
            database: Of the table, for `match_catalog`.
            table_name: Whose columns say the types.
            more: As AWS has it.
            named: As AWS has it.
        """
        _thresholds("resolveChoice", more, named)
        if specs and choice:
            raise ValueError("resolveChoice takes specs or choice, not both")
        if not specs and not choice:
            raise ValueError("resolveChoice needs specs or choice")
        if choice.lower() == "match_catalog":
            if not database or not table_name:
                raise ValueError("match_catalog needs database and table_name")
            specs = [
                (f"`{name}`", f"cast:{kind}")
                for name, kind in self.glue_ctx.columns(database, table_name)
            ]
        elif choice:
            specs = [(path, choice) for path in choice_paths(self._data.schema)]
        data = self._data
        for path, action in specs or ():
            data = choices.resolve(data, path, action)
        return self._next(data)

    def drop_fields(self, paths: list[str], *more: Any, **named: Any) -> "DynamicFrame":
        """Return a frame without some fields."""
        _thresholds("drop_fields", more, named)
        return self._next(mapping.drop_fields(self._data, _listed(paths)))

    def select_fields(
        self, paths: list[str], *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return some of the fields."""
        _thresholds("select_fields", more, named)
        return self._next(mapping.select_fields(self._data, _listed(paths)))

    def rename_field(
        self, oldName: str, newName: str, *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return a frame in which one field has another name."""
        _thresholds("rename_field", more, named)
        return self._next(mapping.rename_field(self._data, oldName, newName))

    def filter(
        self, f: Callable[[Any], Any], *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return the records that a function chooses."""
        _thresholds("filter", more, named)
        return self._next(*records.kept(self._data, f))

    def map(
        self,
        f: Callable[[Any], Any],
        preservesPartitioning: bool = False,
        *more: Any,
        **named: Any,
    ) -> "DynamicFrame":
        """Return what a function makes of each record."""
        _thresholds("map", more, named)
        return self._next(*records.mapped(self._data, f))

    def join(
        self,
        paths1: list[str],
        paths2: list[str],
        frame2: "DynamicFrame",
        *more: Any,
        **named: Any,
    ) -> "DynamicFrame":
        """Return the records of both frames that agree in their keys."""
        _thresholds("join", more, named)
        made = mapping.join(self._data, frame2._data, _listed(paths1), _listed(paths2))
        return self._next(made, *frame2._failed)

    def drop_null_fields(self) -> "DynamicFrame":
        """Return the fields that have a value in any record."""
        return self._next(mapping.drop_null_fields(self._data))


def _listed(paths: list[str] | str) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)


def _thresholds(
    method: str,
    more: tuple[Any, ...],
    named: dict[str, Any],
    known: tuple[str, ...] = (),
) -> None:
    """Refuse what stops a job at a number of errors.

    Args:
        method: What takes them.
        more: transformation_ctx, info, stageThreshold, totalThreshold.
        named: The same by name.
        known: Other names that act.
    """
    names = ("transformation_ctx", "info", "stageThreshold", "totalThreshold")
    given = {**dict(zip(names, more, strict=False)), **named}
    for name, value in given.items():
        if name in names[2:] and value:
            raise NotActingHere(
                f"{method}({name}={value})", "fails the job at that many errors"
            )
        if name not in (*names, *known):
            raise TypeError(f"{method}() has no argument {name!r}")
