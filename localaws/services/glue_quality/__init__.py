"""AWS Glue Data Quality: rulesets in DQDL that are really held against tables."""

from typing import Any

from localaws.services.glue_quality import (
    board,
    evaluations,
    recommendations,
    results,
    rulesets,
)
from localaws.services.json_operations import handlers
from localaws.services.tickers import Ticker

HANDLERS: dict[tuple[str, str], Any] = handlers(
    "glue",
    {
        **rulesets.OPERATIONS,
        **evaluations.OPERATIONS,
        **recommendations.OPERATIONS,
        **results.OPERATIONS,
    },
    "InvalidInputException",
)
TICKERS: list[Ticker] = [board.tick]
RESUMERS = [board.resume]
