"""Amazon Macie: jobs that really look into the objects, and findings with places."""

from localaws.services.macie2 import (
    allow_lists,
    buckets,
    custom,
    export,
    filters,
    findings,
    job_runs,
    jobs,
    session,
    tags,
    usage,
)
from localaws.services.macie2.operations import handlers
from localaws.services.macie2.usage import charge
from localaws.services.tickers import Ticker

HANDLERS = {
    **handlers(session.OPERATIONS, asleep=True),
    **handlers(allow_lists.OPERATIONS),
    **handlers(buckets.OPERATIONS),
    **handlers(custom.OPERATIONS),
    **handlers(export.OPERATIONS),
    **handlers(filters.OPERATIONS),
    **handlers(findings.OPERATIONS),
    **handlers(jobs.OPERATIONS),
    **handlers(tags.OPERATIONS),
    **handlers(usage.OPERATIONS),
}
TICKERS: list[Ticker] = [job_runs.tick]
RESUMERS = [job_runs.resume]

__all__ = ["HANDLERS", "RESUMERS", "TICKERS", "charge"]
