"""What a profile job can be asked for, by the names of AWS."""

BOOLEAN = (
    "MOST_COMMON_VALUES",
    "DISTINCT_VALUES_COUNT",
    "UNIQUE_VALUES_COUNT",
    "MISSING_VALUES_COUNT",
    "ENTROPY",
)
STRING = (
    *BOOLEAN,
    "MIN",
    "MAX",
    "MEAN",
    "MODE",
    "STANDARD_DEVIATION",
    "MEDIAN",
    "OUTLIER_DETECTION",
    "VALUE_DISTRIBUTION",
)
NUMBER = (
    *STRING,
    "PERCENTILES",
    "ZEROS_COUNT",
    "SKEWNESS",
    "Z_SCORE_DISTRIBUTION",
    "INTER_QUARTILE_RANGE",
    "MEDIAN_ABSOLUTE_DEVIATION",
    "RANGE",
    "VARIANCE",
    "MINIMUM_VALUES",
    "SUM",
    "KURTOSIS",
    "MAXIMUM_VALUES",
)
ALL = {"booleanColumn": BOOLEAN, "stringColumn": STRING, "numericColumn": NUMBER}
OF_DATASET = ("CORRELATION", "DUPLICATE_ROWS_COUNT")
NONE = "NONE"
# Settings of those that have any, and what they are without an override.
PARAMETERS: dict[str, dict[str, str]] = {
    "MOST_COMMON_VALUES": {"sampleSize": "50"},
    "MINIMUM_VALUES": {"sampleSize": "5"},
    "MAXIMUM_VALUES": {"sampleSize": "5"},
    "OUTLIER_DETECTION": {"threshold": "3", "sampleSize": "50"},
    "VALUE_DISTRIBUTION": {"binNumber": "20"},
    "Z_SCORE_DISTRIBUTION": {"binNumber": "20"},
}
SETTINGS = {
    **{name: tuple(values) for name, values in PARAMETERS.items()},
    "OUTLIER_DETECTION": ("threshold", "mildThreshold", "sampleSize"),
    "CORRELATION": ("columnNumber", "columnSelectors"),
}
