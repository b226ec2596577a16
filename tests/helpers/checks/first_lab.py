"""What the tests of lab 0.0 share: its case, and how a wrong answer is told."""

from typing import Any

import pandas as pd
import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import lab_0_0
from helpers.samples import table

SEED = 13
CHECKS = checks_of("lab_0_0")
INPUTS = lab_0_0.drawn(SEED)
MONTH, DAY, BUCKET = INPUTS["month"], INPUTS["day"], INPUTS["bucket"]


def month() -> pd.DataFrame:
    """Give the flights of the case."""
    return table("flights").query("month == @MONTH")


def found(task: str, evidence: Any) -> CheckFailed:
    """Give what the verdict says of evidence that does not do."""
    with pytest.raises(CheckFailed) as failure:
        CHECKS[task].verdict(INPUTS, evidence)
    return failure.value
