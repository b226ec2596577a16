"""Amazon Mechanical Turk: HITs that the workers of the seeded pool really take."""

from localaws.services.json_operations import handlers
from localaws.services.mturk import (
    assignments,
    hit_types,
    hits,
    market,
    money,
    people,
    qualifications,
)
from localaws.services.mturk.desk import at_desk

_OPERATIONS = {
    **hit_types.OPERATIONS,
    **hits.OPERATIONS,
    **assignments.OPERATIONS,
    **money.OPERATIONS,
    **qualifications.OPERATIONS,
    **people.OPERATIONS,
}
HANDLERS = handlers(
    "mturk",
    {name: at_desk(operation) for name, operation in _OPERATIONS.items()},
    "ParameterValidationError",
)
TICKERS = [market.tick]

__all__ = ["HANDLERS", "TICKERS"]
