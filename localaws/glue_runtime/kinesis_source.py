"""Amazon Kinesis as a source of Spark Structured Streaming.

Spark's engine asks a `Source` of Java for offsets and batches; here Python answers.
What Spark keeps in the checkpoint of a query are the positions in the shards, so that
a query goes on where its last batch that was committed ended: each record comes at
least once.
"""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from pyspark.java_gateway import ensure_callback_server_started
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark

from localaws.glue_runtime import window
from localaws.glue_runtime.kinesis_shards import Batch, Position, Shards

SCHEMA = spark.StructType(
    [
        spark.StructField("data", spark.BinaryType()),
        spark.StructField("arrived", spark.TimestampType()),
    ]
)
_LATEST = 1e-6
_RUN = "spark.jobGroup.id"
_numbers = itertools.count()


@dataclass
class _Query:
    """One run of a query over the source.

    Attributes:
        position: Where its last batch ends; None before the first.
        taken: Number of the last window in which it has read.
        told: Whether the endpoint knows that it is done with that window.
        idle: Whether it has asked again and got nothing: what follows may be a batch
            without data, by which Spark closes windows that a watermark has passed.
        batch: What was read and not yet asked for.
    """

    position: Position | None = None
    taken: int = 0
    told: bool = True
    idle: bool = False
    batch: Batch | None = None


class KinesisSource:
    """A source whose records are those of a stream.

    Args:
        session: Spark's.
        shards: Of the stream.
        begin: Where a query without a checkpoint begins: `at`, seconds since 1970;
            `latest`; or nothing, for the oldest record.
    """

    def __init__(
        self, session: SparkSession, shards: Shards, begin: dict[str, Any]
    ) -> None:
        self._session = session
        self._shards = shards
        self._begin = begin
        self._jvm: Any = session.sparkContext._jvm
        self._streaming = self._jvm.org.apache.spark.sql.execution.streaming
        self._schema = self._jvm.org.apache.spark.sql.types.DataType.fromJson(
            SCHEMA.json()
        )
        self._number = next(_numbers)
        self._queries: dict[str, _Query] = {}

    def frame(self) -> DataFrame:
        """Return the streaming frame of the records."""
        ensure_callback_server_started(self._session.sparkContext._gateway)
        relation = self._object("StreamingExecutionRelation", self._streaming)
        plan = relation.apply(self, self._session._jsparkSession)
        dataset = self._object("Dataset", self._jvm.org.apache.spark.sql)
        made = dataset.ofRows(self._session._jsparkSession, plan)
        return DataFrame(made, self._session)

    @staticmethod
    def _object(name: str, package: Any) -> Any:
        """Return the object that accompanies a class of Scala."""
        return getattr(getattr(package, f"{name}$"), "MODULE$")

    def _query(self) -> _Query:
        run = self._session.sparkContext.getLocalProperty(_RUN) or ""
        return self._queries.setdefault(run, _Query())

    def schema(self) -> Any:
        """Return the schema of each batch."""
        return self._schema

    def getOffset(self) -> Any:
        """Return how far there are records, if a window has begun."""
        query = self._query()
        if query.batch is not None:
            return self._offset(query.batch.position)
        if query.idle and not query.told:
            window.tell(done=query.taken)
            query.told = True
        query.idle = True
        now = window.begin()
        since = query.position
        if now.number == query.taken and since is not None:
            return self._offset(since)
        if since is None:
            begin = self._begin
            if "latest" in begin:
                begin = {"at": now.now + _LATEST}
            since = {"begin": begin, "shards": {}}
        batch = self._shards.read(since)
        query.taken, query.told = now.number, False
        if batch.position != query.position:
            query.batch, query.idle = batch, False
        return self._offset(batch.position)

    def _offset(self, position: Position) -> Any:
        offset = json.dumps(position, sort_keys=True)
        made = self._streaming.SerializedOffset(offset)
        return self._jvm.scala.Option.apply(made)

    def getBatch(self, start: Any, end: Any) -> Any:
        """Return the records between two offsets, which may be read once more."""
        query, until = self._query(), json.loads(end.json())
        since = json.loads(start.get().json()) if start.isDefined() else None
        batch = query.batch
        if batch is None or batch.position != until or query.position != since:
            batch = Batch(until, self._shards.between(since, until))
        query.position, query.batch = until, None
        rows = [
            (bytearray(one["Data"]), one["ApproximateArrivalTimestamp"])
            for one in batch.records
        ]
        frame = self._session.createDataFrame(rows, SCHEMA)
        return self._session._jsparkSession.internalCreateDataFrame(
            frame._jdf.queryExecution().toRdd(), self._schema, True
        )

    def commit(self, end: Any) -> None:
        """Take note that a batch is done: the checkpoint holds it."""

    def stop(self) -> None:
        """Forget a query that has ended; another is expected, or the job's end."""
        run = self._session.sparkContext.getLocalProperty(_RUN) or ""
        self._queries.pop(run, None)

    def initialOffset(self) -> Any:
        """Say that the first offset comes from `getOffset`."""
        raise NotImplementedError

    def deserializeOffset(self, text: str) -> Any:
        """Return an offset of the checkpoint."""
        return self._streaming.SerializedOffset(text)

    def hashCode(self) -> int:
        """Return a number for Java's maps."""
        return self._number

    def equals(self, other: Any) -> bool:
        """Return whether Java means this source."""
        return bool(other.hashCode() == self._number)

    def toString(self) -> str:
        """Return what Spark's progress calls it."""
        return "Kinesis"

    class Java:
        """What Py4J lets it implement."""

        implements = ("org.apache.spark.sql.execution.streaming.Source",)
