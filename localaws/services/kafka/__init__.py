"""Amazon MSK: clusters that ordinary Kafka clients use, served by `localaws.kafka`."""

from localaws.services.kafka import (
    billing,
    clusters,
    configurations,
    creating,
    describing,
    monitoring,
    topics,
)
from localaws.services.kafka.operations import handlers
from localaws.services.tickers import Ticker

HANDLERS = {
    **handlers(creating.OPERATIONS),
    **handlers(describing.OPERATIONS),
    **handlers(configurations.OPERATIONS),
    **handlers(topics.OPERATIONS),
}
RESUMERS = [clusters.resume]
TICKERS: list[Ticker] = [billing.tick, monitoring.tick]

__all__ = ["HANDLERS", "RESUMERS", "TICKERS"]
