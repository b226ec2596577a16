"""Transforms of AWS Glue that learn from the data."""

from typing import Any

from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import FindIncrementalMatches, FindMatches, GlueTransform

from localaws.glue_runtime import filling
from localaws.glue_runtime.choices import plain
from localaws.glue_runtime.refusing import only

__all__ = ["FillMissingValues", "FindIncrementalMatches", "FindMatches"]


class FillMissingValues(GlueTransform):
    """Predicts nulls and empty strings of a column from the other columns."""

    @classmethod
    def apply(
        cls,
        frame: DynamicFrame,
        missing_values_column: str,
        output_column: str = "",
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,
        totalThreshold: int = 0,
    ) -> DynamicFrame:
        """Return the frame with one more column."""
        thresholds: dict[str, Any] = {
            "stageThreshold": stageThreshold,
            "totalThreshold": totalThreshold,
        }
        only("FillMissingValues", thresholds, set())
        output = output_column or f"{missing_values_column}_filled"
        made = filling.filled(plain(frame._data), missing_values_column, output)
        return frame._next(made)
