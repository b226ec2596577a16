"""Transforms of AWS Glue Data Quality."""

from awsglue.transforms import EvaluateDataQuality

__all__ = ["EvaluateDataQuality"]
