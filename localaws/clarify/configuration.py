"""The analysis configuration: which members count, and which are refused.

The schema is the one of the page "Analysis Configuration Files" of the SageMaker AI
developer guide.
"""

from dataclasses import dataclass
from typing import Any

from localaws.clarify.errors import ClarifyError, NotActed

Members = dict[str, Any]
Place = str | int
Value = str | int | float

METHODS = ("CDDL", "CI", "DPL", "JS", "KL", "KS", "LP", "TVD")
FORMATS = ("text/csv", "application/jsonlines", "application/json")
_PARQUET, _IMAGE = "application/x-parquet", "application/x-image"
_ACTS = {
    "version",
    "dataset_type",
    "dataset_uri",
    "headers",
    "label",
    "features",
    "label_values_or_threshold",
    "facet",
    "facet_dataset_uri",
    "facet_headers",
    "joinsource_name_or_index",
    "group_variable",
    "methods",
}
# What concerns a model alone, and so changes nothing in an analysis before training.
_MODEL = {
    "predictor",
    "predicted_label",
    "predicted_label_dataset_uri",
    "predicted_label_headers",
    "probability_threshold",
    "excluded_columns",
}
_REFUSED = {
    "segment_config": "repeats the analyses for each segment of the data set",
    "time_series_data_config": "explains the forecasts of a time series model",
}
_REFUSED_METHODS = {
    "post_training_bias": "compares a model's predictions for the groups of a facet",
    "shap": "explains a model's predictions by Kernel SHAP",
    "pdp": "draws how a model's predictions depend on a feature",
    "asymmetric_shapley_value": "explains a forecast by asymmetric Shapley values",
}


@dataclass(frozen=True)
class Facet:
    """A sensitive attribute.

    Attributes:
        column: Its name, or its index from 0.
        values: Values of the sensitive group, or one threshold; none for one group a
            value.
    """

    column: Place
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Configuration:
    """What an analysis is asked for.

    Attributes:
        form: The data set's MIME type.
        uri: Where the data set is, if not in the job's input.
        headers: Names of the columns, if given.
        label: Name, index or JMESPath expression of the label.
        features: JMESPath expression of the features.
        positive: Label values, or one threshold, of the positive outcome.
        facets: The sensitive attributes.
        facet_uri: Where they are, if not in the data set.
        facet_headers: Names of the columns there, if given.
        identifier: Column that joins the two.
        strata: Column whose values are the subgroups of CDDL.
        methods: The metrics.
        report: File name of the report, without an extension; None for no report.
        title: Its title.
    """

    form: str
    uri: str | None
    headers: tuple[str, ...] | None
    label: Place
    features: str | None
    positive: tuple[Value, ...]
    facets: tuple[Facet, ...]
    facet_uri: str | None
    facet_headers: tuple[str, ...] | None
    identifier: Place | None
    strata: Place | None
    methods: tuple[str, ...]
    report: str | None
    title: str


def read(config: Any) -> Configuration:
    """Check a configuration and return what it asks for.

    Raises:
        ClarifyError: It is wrong.
        NotActed: It asks for what does not act here.
    """
    if not isinstance(config, dict):
        raise ClarifyError("the analysis configuration must be a JSON object")
    for name, does in _REFUSED.items():
        if name in config:
            raise NotActed(name, does)
    unknown = sorted(set(config) - _ACTS - _MODEL)
    if unknown:
        raise ClarifyError(f"the analysis configuration has unknown members: {unknown}")
    if config.get("version", "1.0") != "1.0":
        raise ClarifyError("the only supported version is '1.0'")
    form = _form(config)
    methods = _object(config, "methods")
    report = methods.get("report")
    named = report if isinstance(report, dict) else {}
    return Configuration(
        form=form,
        uri=config.get("dataset_uri"),
        headers=_names(config, "headers"),
        label=_place(config.get("label"), "label"),
        features=_features(config, form),
        positive=_values(
            config.get("label_values_or_threshold"), "label_values_or_threshold"
        ),
        facets=_facets(config.get("facet")),
        facet_uri=_for_csv(config, form, "facet_dataset_uri"),
        facet_headers=_names(config, "facet_headers"),
        identifier=_optional(config, "joinsource_name_or_index"),
        strata=_optional(config, "group_variable"),
        methods=_methods(methods),
        report=named.get("name", "report") if "report" in methods else None,
        title=named.get("title", "SageMaker Analysis Report"),
    )


def _form(config: Members) -> str:
    form = str(config.get("dataset_type", "")).lower()
    if form == _IMAGE:
        raise NotActed(
            f"dataset_type {_IMAGE!r}",
            "activates explainability for computer vision; bias is measured on a table "
            "of labels and attributes, one row an image",
        )
    if form not in (*FORMATS, _PARQUET):
        known = ", ".join((*FORMATS, _PARQUET))
        raise ClarifyError(f"dataset_type must be one of {known}; found {form!r}")
    return form


def _methods(methods: Members) -> tuple[str, ...]:
    for name, does in _REFUSED_METHODS.items():
        if name in methods:
            raise NotActed(f"methods.{name}", does)
    unknown = sorted(set(methods) - {"pre_training_bias", "report"})
    if unknown:
        raise ClarifyError(f"methods has unknown members: {unknown}")
    asked = _object(methods, "pre_training_bias").get("methods")
    if asked == "all":
        return METHODS
    if not isinstance(asked, list) or not asked:
        raise ClarifyError(
            "methods.pre_training_bias.methods must be 'all' or an array of metrics"
        )
    strange = [name for name in asked if name not in METHODS]
    if strange:
        raise ClarifyError(
            f"unknown pre-training bias metrics {strange}; there are {list(METHODS)}"
        )
    return tuple(dict.fromkeys(asked))


def _facets(given: Any) -> tuple[Facet, ...]:
    if not isinstance(given, list) or not given:
        raise ClarifyError("facet must be an array of at least one facet object")
    facets = []
    for one in given:
        if not isinstance(one, dict):
            raise ClarifyError(f"a facet must be an object; found {one!r}")
        column = _place(one.get("name_or_index"), "facet name_or_index")
        values = one.get("value_or_threshold")
        empty = values is None or values == []
        facets.append(
            Facet(column, () if empty else _values(values, "value_or_threshold"))
        )
    return tuple(facets)


def _values(given: Any, name: str) -> tuple[Value, ...]:
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, str | int | float) for value in values):
        raise ClarifyError(
            f"{name} is required: an array of values, or one threshold; found {given!r}"
        )
    return tuple(values)


def _place(given: Any, name: str) -> Place:
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise ClarifyError(f"{name} must be a name or an index; found {given!r}")
    return given


def _optional(config: Members, name: str) -> Place | None:
    return None if config.get(name) is None else _place(config[name], name)


def _names(config: Members, name: str) -> tuple[str, ...] | None:
    given = config.get(name)
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ClarifyError(f"{name} must be an array of strings")
    twice = sorted({one for one in given if given.count(one) > 1})
    if twice:
        raise ClarifyError(f"{name} names a column twice: {twice}")
    return tuple(given)


def _features(config: Members, form: str) -> str | None:
    given = config.get("features")
    if form.startswith("application/json") and not isinstance(given, str):
        raise ClarifyError(f"features, a JMESPath expression, is required for {form}")
    return given


def _for_csv(config: Members, form: str, name: str) -> str | None:
    if config.get(name) and form != "text/csv":
        raise ClarifyError(f"{name} is only applicable when dataset_type is text/csv")
    return config.get(name)


def _object(config: Members, name: str) -> Members:
    given = config.get(name)
    if not isinstance(given, dict):
        raise ClarifyError(f"{name} is required, and must be an object")
    return given
