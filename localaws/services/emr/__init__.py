"""Amazon EMR: clusters whose steps are Spark applications that really run."""

from typing import Any

from localaws.services.emr import clusters, creating, lifecycle, releases, steps
from localaws.services.json_operations import handlers
from localaws.services.tickers import Ticker

_OPERATIONS: dict[str, Any] = {
    **clusters.OPERATIONS,
    **creating.OPERATIONS,
    **releases.OPERATIONS,
    **steps.OPERATIONS,
}
# EMR signs under another name than its model has.
HANDLERS = {
    ("elasticmapreduce", name): handler
    for (_, name), handler in handlers("emr", _OPERATIONS).items()
}
TICKERS: list[Ticker] = [lifecycle.tick]
RESUMERS = [lifecycle.resume]
