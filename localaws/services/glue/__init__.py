"""AWS Glue beyond moto's Data Catalog: crawlers, classifiers, jobs that really run."""

from typing import Any

from localaws.services.glue import (
    bookmarks,
    classifiers,
    crawlers,
    crawling,
    job_runs,
    jobs,
    runs,
)
from localaws.services.json_operations import handlers
from localaws.services.tickers import Ticker

HANDLERS: dict[tuple[str, str], Any] = {
    **handlers("glue", {**classifiers.OPERATIONS, **crawlers.OPERATIONS}),
    **handlers(
        "glue",
        {**jobs.OPERATIONS, **runs.OPERATIONS, **bookmarks.OPERATIONS},
        "InvalidInputException",
    ),
}
TICKERS: list[Ticker] = [job_runs.tick]
RESUMERS = [crawling.resume, runs.resume]
