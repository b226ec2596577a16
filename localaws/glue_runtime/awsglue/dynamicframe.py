"""DynamicFrame: records that describe themselves, on a DataFrame of Spark.

A field with values of several types is a struct with one field a type, marked in the
schema as a choice; `toDF` leaves the struct, as on AWS.
"""

from collections.abc import Callable
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame

from localaws.glue_runtime import (
    choices,
    combining,
    formats,
    mapping,
    nesting,
    records,
)
from localaws.glue_runtime.choices import choices as choice_paths
from localaws.glue_runtime.collection import DynamicFrameCollection
from localaws.glue_runtime.inference import INFERRED
from localaws.glue_runtime.refusing import NotActingHere, only, refuse
from localaws.glue_runtime.thresholds import thresholds


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
        """Return a DataFrame as a DynamicFrame; of a stream's batch, infer a schema."""
        if INFERRED in dataframe.columns:
            data, failed = formats.inferred(dataframe, INFERRED)
            return cls(data, glue_ctx, name, (failed,))
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
        thresholds("apply_mapping", more, named, ("case_sensitive",))
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
        thresholds("resolveChoice", more, named)
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
        thresholds("drop_fields", more, named)
        return self._next(mapping.drop_fields(self._data, _listed(paths)))

    def select_fields(
        self, paths: list[str], *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return some of the fields."""
        thresholds("select_fields", more, named)
        return self._next(mapping.select_fields(self._data, _listed(paths)))

    def rename_field(
        self, oldName: str, newName: str, *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return a frame in which one field has another name."""
        thresholds("rename_field", more, named)
        return self._next(mapping.rename_field(self._data, oldName, newName))

    def filter(
        self, f: Callable[[Any], Any], *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return the records that a function chooses."""
        thresholds("filter", more, named)
        return self._next(*records.kept(self._data, f))

    def map(
        self,
        f: Callable[[Any], Any],
        preservesPartitioning: bool = False,
        *more: Any,
        **named: Any,
    ) -> "DynamicFrame":
        """Return what a function makes of each record."""
        thresholds("map", more, named)
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
        thresholds("join", more, named)
        made = mapping.join(self._data, frame2._data, _listed(paths1), _listed(paths2))
        return self._next(made, *frame2._failed)

    def union(self, frame2: "DynamicFrame", *more: Any, **named: Any) -> "DynamicFrame":
        """Return the records of both frames."""
        thresholds("union", more, named)
        made = combining.union(self._data, frame2._data)
        return self._next(made, *frame2._failed)

    def mergeDynamicFrame(
        self,
        stage_dynamic_frame: "DynamicFrame",
        primary_keys: list[str],
        *more: Any,
        **named: Any,
    ) -> "DynamicFrame":
        """Return the frame with staged records in place of those of the same keys."""
        thresholds("mergeDynamicFrame", more, named)
        keys = _listed(primary_keys)
        made = combining.merge(self._data, stage_dynamic_frame._data, keys)
        return self._next(made, *stage_dynamic_frame._failed)

    def split_fields(
        self, paths: list[str], name1: str, name2: str, *more: Any, **named: Any
    ) -> DynamicFrameCollection:
        """Return two frames: some of the fields, and the others."""
        thresholds("split_fields", more, named)
        chosen = mapping.select_fields(self._data, _listed(paths))
        others = mapping.drop_fields(self._data, _listed(paths))
        return self._collection({name1: chosen, name2: others})

    def split_rows(
        self,
        comparison_dict: dict[str, dict[str, Any]],
        name1: str,
        name2: str,
        *more: Any,
        **named: Any,
    ) -> DynamicFrameCollection:
        """Return two frames: the records for which comparisons hold, and the others."""
        thresholds("split_rows", more, named)
        first, second = combining.split_rows(self._data, comparison_dict)
        return self._collection({name1: first, name2: second})

    def relationalize(
        self,
        root_table_name: str,
        staging_path: str = "",
        options: dict[str, Any] | None = None,
        *more: Any,
        **named: Any,
    ) -> DynamicFrameCollection:
        """Return flat frames, one for each array, which their `id` joins."""
        thresholds("relationalize", more, named)
        only("relationalize options", options or {}, set())
        return self._collection(nesting.relationalize(self._data, root_table_name))

    def unnest(self, *more: Any, **named: Any) -> "DynamicFrame":
        """Return a frame whose structs are fields with dots in their names."""
        thresholds("unnest", more, named)
        return self._next(nesting.flat(self._data))

    def unbox(self, path: str, format: str, *more: Any, **named: Any) -> "DynamicFrame":
        """Return a frame in which a field of JSON is what the JSON holds."""
        if format != "json":
            raise NotActingHere(f"unbox of format={format!r}", "parses that format")
        thresholds("unbox", more, named)
        return self._next(*nesting.unbox(self._data, path))

    def repartition(
        self, num_partitions: int, *more: Any, **named: Any
    ) -> "DynamicFrame":
        """Return a frame of that many partitions."""
        thresholds("repartition", more, named)
        return self._next(self._data.repartition(num_partitions))

    def coalesce(self, num_partitions: int, *more: Any, **named: Any) -> "DynamicFrame":
        """Return a frame of no more than that many partitions."""
        thresholds("coalesce", more, named)
        return self._next(self._data.coalesce(num_partitions))

    def _collection(self, frames: dict[str, DataFrame]) -> DynamicFrameCollection:
        made = {
            name: DynamicFrame(data, self.glue_ctx, name, self._failed)
            for name, data in frames.items()
        }
        return DynamicFrameCollection(made, self.glue_ctx)

    def drop_null_fields(self) -> "DynamicFrame":
        """Return the fields that have a value in any record."""
        return self._next(mapping.drop_null_fields(self._data))


def _listed(paths: list[str] | str) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)
