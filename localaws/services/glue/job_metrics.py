"""Metrics of a streaming run's batches, as AWS Glue sends them to CloudWatch."""

from typing import Any

from localaws.errors import AwsError
from localaws.loopback import Session
from localaws.services.context import Context
from localaws.services.rights import Rights

NAMESPACE = "Glue"
# What a batch takes on a standing clock.
_MODELLED = 1000
_NAMES = {
    "records": "glue.driver.streaming.numRecords",
    "milliseconds": "glue.driver.streaming.batchProcessingTimeInMs",
}


def measure(
    context: Context, run: dict[str, Any], session: Session, told: dict[str, Any]
) -> None:
    """Send the metrics of a batch, if the run's role may.

    Args:
        context: Where to.
        run: The run.
        session: Of its role.
        told: What the run says of the batch.
    """
    rights, action = context.part(Rights), "cloudwatch:PutMetricData"
    try:
        rights.demand(session.access_key, action, "*")
    except AwsError:
        return
    values = dict(told)
    if context.clock.standing:
        values["milliseconds"] = _MODELLED
    now = context.clock.now()
    data = [
        {
            "MetricName": metric,
            "Dimensions": [
                {"Name": "JobName", "Value": run["JobName"]},
                {"Name": "JobRunId", "Value": which},
                {"Name": "Type", "Value": "count"},
            ],
            "Timestamp": now,
            "Value": float(values[name]),
            "Unit": "Count",
        }
        for name, metric in _NAMES.items()
        if values.get(name) is not None
        for which in (run["Id"], "ALL")
    ]
    cloudwatch = context.aws.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)
