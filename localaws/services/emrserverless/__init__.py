"""Amazon EMR Serverless: applications whose job runs are Spark that really runs."""

from localaws.services.emrserverless import applications, lifecycle, runs, tagging
from localaws.services.emrserverless.operations import handlers
from localaws.services.tickers import Ticker

HANDLERS = handlers(
    {**applications.OPERATIONS, **runs.OPERATIONS, **tagging.OPERATIONS}
)
TICKERS: list[Ticker] = [lifecycle.tick]
RESUMERS = [lifecycle.resume]
