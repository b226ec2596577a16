"""AWS DataSync: files between S3, EFS and FSx, really copied and verified."""

from localaws.services.datasync import executions, locations, tasks
from localaws.services.json_operations import handlers

HANDLERS = handlers(
    "datasync",
    {**locations.OPERATIONS, **tasks.OPERATIONS, **executions.OPERATIONS},
    "InvalidRequestException",
)
resume = executions.resume

__all__ = ["HANDLERS", "resume"]
