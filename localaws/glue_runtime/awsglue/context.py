"""GlueContext: where a script reads and writes DynamicFrames."""

import logging
from collections.abc import Callable
from typing import Any

from awsglue.dynamicframe import DynamicFrame
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

from localaws.glue_runtime import (
    batches,
    bookmark,
    catalog,
    formats,
    objects,
    sinks,
    streams,
)
from localaws.glue_runtime.choices import plain
from localaws.glue_runtime.refusing import NotActingHere, only, refuse

_CONNECTION = {"paths", "recurse", "exclusions"}
Options = dict[str, Any] | None


class GlueContext:
    """Wraps Spark's context, as AWS Glue does.

    Args:
        sparkContext: Spark's.
    """

    def __init__(self, sparkContext: SparkContext, **options: Any) -> None:
        only("GlueContext", options, {"minPartitions", "targetPartitions"})
        self.spark_session = SparkSession.builder.getOrCreate()
        self.sparkSession = self.spark_session
        self.sc = sparkContext
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        for prefix, owner in (
            ("create_dynamic_frame_", "create_dynamic_frame"),
            ("create_data_frame_", "create_data_frame"),
            ("write_dynamic_frame_", "write_dynamic_frame"),
        ):
            if name.startswith(prefix):
                return getattr(getattr(self, owner), name.removeprefix(prefix))
        refuse("GlueContext", name)

    def get_logger(self) -> logging.Logger:
        """Return a logger, which writes to the error log of the run."""
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
        )
        return logging.getLogger("GlueLogger")

    def forEachBatch(
        self,
        frame: DataFrame,
        batch_function: Callable[[DataFrame, int], Any],
        options: Options = None,
    ) -> None:
        """Give each micro-batch of a streaming frame to a function; do not return."""
        batches.run(frame, batch_function, options or {})

    def columns(self, database: str, name: str) -> list[tuple[str, str]]:
        """Return names and types of a table of the Data Catalog."""
        return catalog.columns(catalog.table(database, name))


class DynamicFrameReader:
    """`create_dynamic_frame` of a GlueContext."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue = glue_context

    def from_options(
        self,
        connection_type: str,
        connection_options: Options = None,
        format: str | None = None,
        format_options: Options = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **more: Any,
    ) -> DynamicFrame:
        """Return the records of files in S3."""
        only("from_options", more, set())
        if connection_type != "s3":
            raise NotActingHere(
                f"create_dynamic_frame of connection_type={connection_type!r}",
                f"reads from {connection_type}",
            )
        if push_down_predicate:
            raise NotActingHere(
                "push_down_predicate of from_options", "reads only some folders"
            )
        options = connection_options or {}
        only("from_options connection_options", options, _CONNECTION)
        found = objects.listed(
            options["paths"],
            formats.truth(options.get("recurse", False)),
            options.get("exclusions", ()),
        )
        paths = [uri for uri, _ in bookmark.fresh(transformation_ctx, found)]
        session = self._glue.spark_session
        if not paths:
            return DynamicFrame(formats.empty(session), self._glue, transformation_ctx)
        data, failed = formats.read(session, format or "", paths, format_options or {})
        return DynamicFrame(data, self._glue, transformation_ctx, failed)

    def from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Options = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        """Return the records of a table of the Data Catalog."""
        only("from_catalog", more, {"name_space"})
        only("from_catalog", {"catalog_id": catalog_id}, set())
        data, failed = catalog.read(
            self._glue.spark_session,
            str(database or more.get("name_space")),
            str(table_name),
            push_down_predicate,
            transformation_ctx,
            additional_options or {},
        )
        return DynamicFrame(data, self._glue, transformation_ctx, failed)

    def from_rdd(
        self, data: Any, name: str, schema: Any = None, sampleRatio: Any = None
    ) -> DynamicFrame:
        """Return an RDD's records."""
        raise NotActingHere(
            "create_dynamic_frame.from_rdd", "makes a frame of an RDD; use fromDF"
        )


class DataFrameReader:
    """`create_data_frame` of a GlueContext: DataFrames, and streaming ones."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue = glue_context
        self._reader = DynamicFrameReader(glue_context)

    def from_options(
        self,
        connection_type: str,
        connection_options: Options = None,
        *given: Any,
        **named: Any,
    ) -> DataFrame:
        """Return the records of files in S3, or those of a stream as they come."""
        if connection_type == "kinesis":
            names = ("format", "format_options", "transformation_ctx")
            every = {**dict(zip(names, given, strict=False)), **named}
            only("from_options of kinesis", every, {"transformation_ctx"})
            session = self._glue.spark_session
            return streams.from_options(session, connection_options or {})
        frame = self._reader.from_options(
            connection_type, connection_options, *given, **named
        )
        return frame.toDF()

    def from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        *given: Any,
        **named: Any,
    ) -> DataFrame:
        """Return the records of a table of the Data Catalog, which may be a stream."""
        where = str(database or named.get("name_space"))
        told = streams.of_table(catalog.table(where, str(table_name)))
        if told is None:
            frame = self._reader.from_catalog(database, table_name, *given, **named)
            return frame.toDF()
        names = ("redshift_tmp_dir", "transformation_ctx", "push_down_predicate")
        every = {**dict(zip(names, given, strict=False)), **named}
        acts = {"transformation_ctx", "additional_options", "name_space"}
        only("from_catalog of kinesis", every, acts)
        more = named.get("additional_options") or {}
        return streams.from_options(self._glue.spark_session, {**told, **more})


class DynamicFrameWriter:
    """`write_dynamic_frame` of a GlueContext."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue = glue_context

    def from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Options = None,
        format: str | None = None,
        format_options: Options = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Add files to a path of S3."""
        if connection_type != "s3":
            raise NotActingHere(
                f"write_dynamic_frame of connection_type={connection_type!r}",
                f"writes to {connection_type}",
            )
        data = frame._data
        sinks.write(data, format or "", connection_options or {}, format_options or {})
        return frame

    def from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Options = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        """Add files to the folder of a table of the Data Catalog."""
        only("write from_catalog", more, {"name_space"})
        only("write from_catalog", {"catalog_id": catalog_id}, set())
        options = dict(additional_options or {})
        only("write from_catalog additional_options", options, {"partitionKeys"})
        found = catalog.table(str(database or more.get("name_space")), str(table_name))
        kind, given = catalog.kind(found), {}
        if kind == "csv":
            table = catalog.csv_options(found)
            given = {
                "separator": table["separator"],
                "quoteChar": table["quoteChar"],
                "writeHeader": table["withHeader"],
            }
        location = found["StorageDescriptor"]["Location"]
        sinks.write(plain(frame._data), kind, {"path": location, **options}, given)
        return frame

    def from_jdbc_conf(self, frame: DynamicFrame, *given: Any, **named: Any) -> None:
        """Say that it does not act here."""
        raise NotActingHere(
            "write_dynamic_frame.from_jdbc_conf", "writes to a database"
        )
