"""Every operator: those that act, and what the others do on AWS."""

from collections.abc import Callable

import pandas as pd

from localaws.wrangler import (
    balancing,
    casting,
    categorical,
    columns,
    custom,
    dates,
    editing,
    joining,
    missing,
    numeric,
    outliers,
    rows,
    sources,
    splitting,
    strings,
    texts,
)
from localaws.wrangler.choices import Step
from localaws.wrangler.errors import FlowError, NotActed

Result = pd.DataFrame | dict[str, pd.DataFrame]


def _same(step: Step) -> pd.DataFrame:
    return step.frame


OPERATORS: dict[str, Callable[[Step], Result]] = {
    "sagemaker.s3_source_0.1": sources.s3_source,
    "sagemaker.athena_source_0.1": sources.athena_source,
    "sagemaker.dataset.identity_0.1": _same,
    "sagemaker.spark.s3_destination_0.1": _same,
    "sagemaker.spark.infer_and_cast_type_0.1": casting.infer_and_cast,
    "sagemaker.spark.cast_single_data_type_0.1": casting.cast_single,
    "sagemaker.spark.manage_columns_0.1": columns.manage_columns,
    "sagemaker.spark.manage_rows_0.1": rows.manage_rows,
    "sagemaker.spark.sampling_0.1": rows.sampling,
    "sagemaker.spark.handle_missing_0.1": missing.handle_missing,
    "sagemaker.spark.handle_outliers_0.1": outliers.handle_outliers,
    "sagemaker.spark.process_numeric_0.1": numeric.process_numeric,
    "sagemaker.spark.encode_categorical_0.1": categorical.encode_categorical,
    "sagemaker.spark.format_string_0.1": strings.format_string,
    "sagemaker.spark.search_and_edit_0.1": editing.search_and_edit,
    "sagemaker.spark.featurize_text_0.1": texts.featurize_text,
    "sagemaker.spark.featurize_date_time_0.1": dates.featurize_date_time,
    "sagemaker.spark.time_series_0.1": dates.time_series,
    "sagemaker.spark.join_tables_0.1": joining.join_tables,
    "sagemaker.spark.join_multi_keys_0.1": joining.join_multi_keys,
    "sagemaker.spark.concatenate_datasets_0.1": joining.concatenate,
    "sagemaker.spark.balance_data_0.1": balancing.balance_data,
    "sagemaker.spark.split_0.1": splitting.split,
    "sagemaker.spark.custom_code_0.1": custom.custom_code,
    "sagemaker.spark.custom_pandas_0.1": custom.custom_pandas,
    "sagemaker.spark.custom_pyspark_0.1": custom.custom_pyspark,
    "sagemaker.spark.custom_sql_0.1": custom.custom_sql,
    "sagemaker.spark.custom_formula_0.1": custom.custom_formula,
}
# What others do on AWS, by the beginning of their names.
ABSENT = {
    "sagemaker.spark.manage_vectors": "puts vectors together, or takes them apart; "
    "VectorAssembler in a PySpark transform does too",
    "sagemaker.spark.dimensionality_reduction": "replaces columns by their principal "
    "components",
    "sagemaker.spark.group_by": "aggregates the rows of each group; GROUP BY in an SQL "
    "transform and groupBy in a PySpark transform do too",
    "sagemaker.spark.validate_string": "tells which strings fit a condition",
    "sagemaker.spark.flatten": "takes nested values apart",
    "sagemaker.spark.explode": "makes a row of each value of an array",
    "sagemaker.spark.feature_store_destination": "writes to a feature group; an output "
    "of the job with a FeatureStoreOutput, named after the node before it, does too",
    "sagemaker.visualizations": "stores an analysis as JSON",
    "sagemaker.redshift_source": "unloads a query of Redshift",
    "sagemaker.snowflake_source": "unloads a query of Snowflake",
    "sagemaker.spark.": "transforms the data with Spark",
    "sagemaker.": "reads or writes the data",
}


def operate(name: str, step: Step) -> Result:
    """Run an operator.

    Raises:
        NotActed: It is one of those that do not act here.
        FlowError: It is none of Data Wrangler's, or the flow is wrong.
    """
    if name in OPERATORS:
        return OPERATORS[name](step)
    for prefix, does in ABSENT.items():
        if name.startswith(prefix):
            raise NotActed(f"the operator {name!r}", does)
    raise FlowError(f"{name!r} is not an operator of Data Wrangler")
