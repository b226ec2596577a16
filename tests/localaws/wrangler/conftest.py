"""A table with gaps, outliers and duplicates, and a flow that has read it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.localaws.wrangler.flows import BUCKET, TABLE, TABLE_CSV, Flow, store


@pytest.fixture
def table() -> pd.DataFrame:
    """The rows that the flow reads, as pandas types them."""
    return TABLE.copy()


@pytest.fixture
def sketch() -> Flow:
    """A flow whose node `rows` holds the rows with their types; nothing is stored."""
    made = Flow()
    uri = f"s3://{BUCKET}/raw/table.csv"
    made.rows = made.typed(made.source("table", uri))
    return made


@pytest.fixture
def flow(aws: Callable[[str], Any], role: str, bucket: str, sketch: Flow) -> Flow:
    """That flow, with its rows in the bucket."""
    store("raw/table.csv", TABLE_CSV)
    return sketch
