"""Missing values predicted from the other fields, as FillMissingValues does."""

from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import types as spark
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from localaws.glue_runtime.refusing import NotActingHere

_FOREST: dict[str, Any] = {"n_estimators": 50, "random_state": 0}
_CATEGORIES = 20


def filled(data: DataFrame, column: str, output: str) -> DataFrame:
    """Return a frame with a column in which no value is missing.

    A random forest learns from the records that have one; all come to the driver.

    Args:
        data: The frame.
        column: The field with nulls or empty strings.
        output: Name of the new column.
    """
    kind = data.schema[column].dataType
    numeric = isinstance(kind, spark.NumericType)
    if isinstance(kind, spark.DecimalType) or not (
        numeric or isinstance(kind, spark.StringType)
    ):
        raise NotActingHere(
            f"FillMissingValues of {column}, a {kind.typeName()}", "fills it"
        )
    rows = data.collect()
    answers = [row[column] for row in rows]
    missing = [one is None or one == "" for one in answers]
    if any(missing):
        given = _predicted(rows, data.schema, column, missing)
        whole = isinstance(kind, spark.IntegralType)
        for place, lacks in enumerate(missing):
            if lacks:
                value = next(given)
                answers[place] = round(value) if whole else value
    schema = spark.StructType([*data.schema, spark.StructField(output, kind)])
    made = [(*row, answer) for row, answer in zip(rows, answers, strict=True)]
    return data.sparkSession.createDataFrame(made, schema)


def _predicted(
    rows: list[Any], schema: spark.StructType, column: str, missing: list[bool]
) -> Any:
    """Return an iterator of what a model says of the records that lack a value."""
    if all(missing):
        raise ValueError(f"FillMissingValues: {column} has no value to learn from")
    numeric = isinstance(schema[column].dataType, spark.NumericType)
    features = _of_type(schema, column, spark.NumericType)
    texts = _of_type(schema, column, spark.StringType | spark.BooleanType)
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in features})
    for name in texts:
        frame[name] = [str(row[name]) for row in rows]
    for name in features:
        frame[name] = frame[name].astype(float)
    if frame.empty:
        frame = pd.DataFrame({"nothing": [0.0] * len(rows)})
        features = ["nothing"]
    encoder = OneHotEncoder(handle_unknown="ignore", max_categories=_CATEGORIES)
    prepared = make_column_transformer(
        (SimpleImputer(strategy="median", keep_empty_features=True), features),
        (encoder, texts),
    )
    forest = RandomForestRegressor if numeric else RandomForestClassifier
    lacks = pd.Series(missing)
    known = [row[column] for row, one in zip(rows, missing, strict=True) if not one]
    model = make_pipeline(prepared, forest(**_FOREST)).fit(frame[~lacks], known)
    return iter(model.predict(frame[lacks]).tolist())


def _of_type(schema: spark.StructType, column: str, kind: Any) -> list[str]:
    return [
        field.name
        for field in schema.fields
        if field.name != column and isinstance(field.dataType, kind)
    ]
