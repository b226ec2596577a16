"""AWS Glue beyond moto's Data Catalog: crawlers and classifiers."""

from typing import Any

from localaws.services.glue import classifiers, crawlers
from localaws.services.glue.crawling import resume
from localaws.services.request_operations import handlers

HANDLERS: dict[tuple[str, str], Any] = handlers(
    "glue",
    {**classifiers.OPERATIONS, **crawlers.OPERATIONS},
    "ValidationException",
)
RESUMERS = [resume]
