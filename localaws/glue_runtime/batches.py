"""forEachBatch: a function of the script for each micro-batch of a streaming frame."""

import logging
import time
from collections.abc import Callable
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame

from localaws.glue_runtime import streams, window
from localaws.glue_runtime.formats import truth
from localaws.glue_runtime.refusing import only

_KNOWN = {
    "windowSize",
    "checkpointLocation",
    "batchMaxRetries",
    "persistDataFrame",
    "storageLevel",
}
_WAITS = (1, 2, 5)
_MOST = 100
Function = Callable[[DataFrame, int], Any]


class _Batches:
    """Gives batches with records to the script's function.

    Args:
        act: The function.
        options: Of `forEachBatch`.
    """

    def __init__(self, act: Function, options: dict[str, Any]) -> None:
        self._act = act
        self._keeps = truth(options.get("persistDataFrame", True))
        level = str(options.get("storageLevel", "MEMORY_AND_DISK")).upper()
        self._level = getattr(StorageLevel, level)
        self.failures = 0

    def __call__(self, data: DataFrame, number: int) -> None:
        began = time.monotonic()
        if self._keeps:
            data.persist(self._level)
            count = data.count()
        else:
            count = len(data.take(1))
        if count:
            self._act(data, number)
        if self._keeps:
            data.unpersist()
        if self.failures:
            logging.warning("The batch has succeeded now: its retries are forgotten.")
        self.failures = 0
        took = round((time.monotonic() - began) * 1000)
        window.tell(records=count if self._keeps else None, milliseconds=took)


def run(frame: DataFrame, act: Function, options: dict[str, Any]) -> None:
    """Give each micro-batch to a function; do not return.

    Args:
        frame: The streaming frame.
        act: Called with a frame and the number of the batch.
        options: `windowSize` and `checkpointLocation` at least.
    """
    for name in ("windowSize", "checkpointLocation"):
        if name not in options:
            raise ValueError(f"Missing {name} argument")
    only("forEachBatch options", options, _KNOWN)
    most = int(options.get("batchMaxRetries", 3))
    if not 0 <= most <= _MOST:
        raise ValueError(f"batchMaxRetries must be 0 to {_MOST}, found {most}")
    size = str(options["windowSize"])
    jvm: Any = frame.sparkSession.sparkContext._jvm
    trigger = jvm.org.apache.spark.sql.streaming.Trigger.ProcessingTime(size)
    if streams.opened:
        # the endpoint's clock opens the windows
        window.length, size = trigger.intervalMs(), "0 seconds"
    batches = _Batches(act, options)
    writer = (
        frame.writeStream.foreachBatch(batches)
        .trigger(processingTime=size)
        .option("checkpointLocation", options["checkpointLocation"])
    )
    while True:
        try:
            writer.start().awaitTermination()
        except Exception as error:
            batches.failures += 1
            if batches.failures > most:
                logging.error("The batch has failed %s times: no retry", most + 1)
                raise
            logging.warning("%s: retry %s of the batch", error, batches.failures)
            time.sleep(_WAITS[min(batches.failures, len(_WAITS)) - 1])
