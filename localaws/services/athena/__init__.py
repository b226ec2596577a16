"""Amazon Athena: SQL that really runs, over the Data Catalog and S3."""

from typing import Any

from localaws.services.athena import queries, saved, workgroups
from localaws.services.athena.executions import resume
from localaws.services.json_operations import handlers

HANDLERS: dict[tuple[str, str], Any] = handlers(
    "athena",
    {**queries.OPERATIONS, **saved.OPERATIONS, **workgroups.OPERATIONS},
    "InvalidRequestException",
)
RESUMERS = [resume]
