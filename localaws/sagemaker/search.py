"""Search: SageMaker's resources by conditions on their properties."""

import datetime as dt
import operator
from collections.abc import Callable, Iterator
from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.lineage import after_catch_up
from localaws.sagemaker.lineage_store import TRIALS
from localaws.store import Document, model, page, resource_type
from localaws.wire import project

Members = dict[str, Any]
_LIMIT = 50
_TAG = {"Key", "Value"}
# Resource, to its noun and the member of SearchRecord that holds it.
_NOUNS = {
    "TrainingJob": ("TrainingJob", "TrainingJob"),
    "HyperParameterTuningJob": ("HyperParameterTuningJob", "HyperParameterTuningJob"),
    "Experiment": ("Experiment", "Experiment"),
    "ExperimentTrial": ("Trial", "Trial"),
    "ExperimentTrialComponent": ("TrialComponent", "TrialComponent"),
    "Endpoint": ("Endpoint", "Endpoint"),
    "ModelPackage": ("ModelPackage", "ModelPackage"),
    "ModelPackageGroup": ("ModelPackageGroup", "ModelPackageGroup"),
    "Pipeline": ("Pipeline", "Pipeline"),
    "PipelineExecution": ("PipelineExecution", "PipelineExecution"),
    "FeatureGroup": ("FeatureGroup", "FeatureGroup"),
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def search(engine: Engine, request: Members) -> Members:
    """Return the resources that satisfy an expression, newest change first."""
    resource = request["Resource"]
    if resource not in _NOUNS:
        raise NotImplementedHere(
            f"sagemaker:Search Resource={resource!r}", "finds such resources"
        )
    noun, member = _NOUNS[resource]
    expression = request.get("SearchExpression", {})
    if _size(expression) > _LIMIT:
        raise ValidationError(f"SearchExpression has more than {_LIMIT} conditions.")
    shape = model().shape_for("SearchRecord").members[member]
    with engine.store.lock:
        records = [
            project(shape, _record(engine, noun, document))
            for document in engine.store.documents(noun)
        ]
    _check(shape, expression)
    found = [one for one in records if _satisfies(one, expression)]
    by = request.get("SortBy", "LastModifiedTime")
    values = [(_first(one, by), one) for one in found]
    known = sorted(
        (pair for pair in values if pair[0] is not None),
        key=lambda pair: _comparable(pair[0]),
        reverse=request.get("SortOrder", "Descending") == "Descending",
    )
    ordered = [one for _, one in known]
    ordered += [one for value, one in values if value is None]
    shown = [{member: one} for one in ordered]
    total = {"Value": len(shown), "Relation": "EqualTo"}
    return {**page("Results", shown, request), "TotalHits": total}


def _record(engine: Engine, noun: str, document: Document) -> Members:
    """Return a resource with what only Search shows of it."""
    found = dict(document)
    tags = engine.store.tags.get(document[resource_type(noun).arn], {})
    found["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if noun == "TrialComponent":
        names = found.get(TRIALS, ())
        trials = [engine.store.find("Trial", name) for name in names]
        found["Parents"] = [
            {"TrialName": one["TrialName"], "ExperimentName": one["ExperimentName"]}
            for one in trials
        ]
    if noun == "Trial":
        found["TrialComponentSummaries"] = [
            component
            for component in engine.store.documents("TrialComponent")
            if found["TrialName"] in component.get(TRIALS, ())
        ]
    return found


def _size(expression: Members) -> int:
    parts = expression.get("SubExpressions", ())
    nested = expression.get("NestedFilters", ())
    return (
        len(expression.get("Filters", ()))
        + sum(len(one["Filters"]) for one in nested)
        + sum(_size(part) for part in parts)
    )


def _check(shape: Any, expression: Members) -> None:
    """Refuse a filter on a property that the resource does not have."""
    for one in expression.get("Filters", ()):
        top = one["Name"].partition(".")[0]
        if top[:1].upper() + top[1:] not in {*shape.members, "Metrics"}:
            raise ValidationError(f"Unknown property name: {one['Name']}")
    for part in expression.get("SubExpressions", ()):
        _check(shape, part)


def _satisfies(record: Members, expression: Members) -> bool:
    holds = [_holds(record, one) for one in expression.get("Filters", ())]
    holds += [_nested(record, one) for one in expression.get("NestedFilters", ())]
    holds += [_satisfies(record, one) for one in expression.get("SubExpressions", ())]
    if not holds:
        return True
    return any(holds) if expression.get("Operator") == "Or" else all(holds)


def _nested(record: Members, given: Members) -> bool:
    """Whether one item of a list satisfies every filter."""
    name = given["NestedPropertyName"]
    items = [
        item
        for value in _values(record, name.split("."))
        for item in (value if isinstance(value, list) else [value])
    ]
    filters = [
        {**one, "Name": one["Name"].removeprefix(f"{name}.")}
        for one in given["Filters"]
    ]
    return any(all(_holds(item, one) for one in filters) for item in items)


def _holds(record: Members, condition: Members) -> bool:
    values = [*_leaves(_values(record, condition["Name"].split(".")))]
    kind = condition.get("Operator", "Equals")
    if kind == "Exists":
        return bool(values)
    if kind == "NotExists":
        return not values
    wanted = condition.get("Value", "")
    if kind == "NotEquals":
        return not any(_equal(value, wanted) for value in values)
    if kind == "In":
        options = wanted.split(",")
        return any(_equal(value, one) for value in values for one in options)
    if kind == "Contains":
        return any(isinstance(value, str) and wanted in value for value in values)
    if kind in _ORDERS:
        return any(_ordered(_ORDERS[kind], value, wanted) for value in values)
    return any(_equal(value, wanted) for value in values)


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield what stands at a path; a list has the path of each of its items.

    The first letter may be small: one also writes `metrics.auc.max`.
    """
    if isinstance(value, list) and path:
        for one in value:
            yield from _named(one, path) if _is_named(one) else _values(one, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        # keys of maps may hold points, as in Parameters.learning.rate
        for end in range(1, len(path) + 1):
            name = ".".join(path[:end])
            for key in {name, name[:1].upper() + name[1:]} & value.keys():
                yield from _values(value[key], path[end:])
        if path[0].lower() == "metrics" and "FinalMetricDataList" in value:
            yield from _values(value["FinalMetricDataList"], path[1:])


def _is_named(item: Any) -> bool:
    """Whether an item is a tag or a metric."""
    return isinstance(item, dict) and ("MetricName" in item or item.keys() >= _TAG)


def _named(item: Members, path: list[str]) -> Iterator[Any]:
    """Yield the value of a tag or metric that a path names."""
    name = item.get("MetricName", item.get("Key"))
    if ".".join(path) == name:
        yield item.get("Value", item.get("Last"))
    elif ".".join(path[:-1]) == name:
        yield from _values(item, path[-1:])


def _leaves(values: Iterator[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, dict):
            yield from _leaves(iter(value.values()))
        elif isinstance(value, list):
            yield from _leaves(iter(value))
        else:
            yield value


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if isinstance(value, str):
        return value == wanted or _ordered(operator.eq, value, wanted)
    return _ordered(operator.eq, value, wanted)


def _ordered(compare: Callable[[Any, Any], bool], value: Any, wanted: str) -> bool:
    """Compare numbers, or times with ISO 8601; times are seconds in a record."""
    try:
        limit = float(wanted)
    except ValueError:
        try:
            when = dt.datetime.fromisoformat(wanted)
        except ValueError:
            return False
        limit = when.replace(tzinfo=when.tzinfo or dt.UTC).timestamp()
    try:
        return compare(float(value), limit)
    except (TypeError, ValueError):
        return False


def _first(record: Members, name: str) -> Any:
    return next(_leaves(_values(record, name.split("."))), None)


def _comparable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


HANDLERS = {"Search": after_catch_up(search)}
