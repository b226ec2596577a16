"""An application's metrics in CloudWatch, as its running Flink counts them."""

from typing import Any

from localaws.services.context import Context
from localaws.services.kinesisanalyticsv2 import configuration
from localaws.services.kinesisanalyticsv2.process import Process
from localaws.services.metric_tally import Tally

NAMESPACE = "AWS/KinesisAnalytics"
_JOB = {
    "uptime": "Milliseconds",
    "downtime": "Milliseconds",
    "numRestarts": "Count",
    "lastCheckpointDuration": "Milliseconds",
    "lastCheckpointSize": "Bytes",
    "numberOfFailedCheckpoints": "Count",
}
_SOURCE = "Source__"
# before the first watermark Flink has the least of all numbers
_NO_WATERMARK = -(2**63)
Members = dict[str, Any]


def _rates(name: str) -> dict[str, str]:
    return {name: "Count", f"{name}PerSecond": "Count/Second"}


def measure(context: Context, document: Members, process: Process) -> None:
    """Take the metrics of a running job.

    What an application reads is what its sources take in, what it writes is what its
    sinks send.

    Args:
        context: The endpoint.
        document: The application.
        process: Where its job runs.
    """
    if process.flink is None:
        return
    found = [
        (name, value, _JOB[name])
        for name, value in process.flink.metrics(process.job, _JOB).items()
        if value >= 0
    ]
    ends = (*_rates("numRecordsIn"), "numRecordsSend", "numLateRecordsDropped")
    operators = process.flink.operators(process.job, (*ends, "currentInputWatermark"))
    for name, unit in _rates("numRecordsIn").items():
        own = [one for one in operators[name] if one["id"].startswith(_SOURCE)]
        if own:
            found.append((name, _sum(own), unit))
    if operators["numRecordsSend"]:
        found.append(("numRecordsOut", _sum(operators["numRecordsSend"]), "Count"))
    if operators["numLateRecordsDropped"]:
        late = _sum(operators["numLateRecordsDropped"])
        found.append(("numLateRecordsDropped", late, "Count"))
    marks = [float(one["min"]) for one in operators["currentInputWatermark"]]
    if marks and min(marks) > _NO_WATERMARK:
        found.append(("currentInputWatermark", min(marks), "Milliseconds"))
    found.append(("KPUs", configuration.kpus(document["config"]), "Count"))
    tally, where = context.part(Tally), {"Application": document["name"]}
    for name, value, unit in found:
        tally.add(NAMESPACE, where, name, value, unit)


def _sum(rows: list[Members]) -> float:
    return sum(float(one["sum"]) for one in rows)
