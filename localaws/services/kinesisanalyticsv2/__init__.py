"""Amazon Managed Service for Apache Flink: applications on Flink of `make flink`."""

from localaws.services.json_operations import handlers
from localaws.services.kinesisanalyticsv2 import (
    acting,
    applications,
    history,
    snapshots,
)

HANDLERS = handlers(
    "kinesisanalyticsv2",
    {
        **acting.OPERATIONS,
        **applications.OPERATIONS,
        **history.OPERATIONS,
        **snapshots.OPERATIONS,
    },
    "InvalidArgumentException",
)
RESUMERS = [acting.resume]

__all__ = ["HANDLERS", "RESUMERS"]
