"""Amazon Comprehend: personal data and entities that are really in the text."""

from localaws.services import json_operations
from localaws.services.comprehend import detecting, jobs, tags
from localaws.services.comprehend.job_runs import resume

HANDLERS = json_operations.handlers(
    "comprehend",
    {**detecting.OPERATIONS, **jobs.OPERATIONS, **tags.OPERATIONS},
    "InvalidRequestException",
)
RESUMERS = [resume]

__all__ = ["HANDLERS", "RESUMERS"]
