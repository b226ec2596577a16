"""SageMaker Metrics: what runs log of themselves, step by step."""

import math
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.lineage import after_catch_up
from localaws.sagemaker.rest_runtime import RestRuntime
from localaws.store import Document

SERVICE = "sagemaker-metrics"
# The values of each metric of a trial component: time, step, value.
VALUES = "_metrics"
_PERIODS = {"OneMinute": 60, "FiveMinute": 300, "OneHour": 3600}
Members = dict[str, Any]


@after_catch_up
def batch_put_metrics(engine: Engine, request: Members) -> Members:
    """Add values to the metrics of a trial component."""
    with engine.store.lock:
        component = engine.store.find("TrialComponent", request["TrialComponentName"])
        values = {name: [*held] for name, held in component.get(VALUES, {}).items()}
        errors = []
        for index, one in enumerate(request["MetricData"]):
            if math.isfinite(one["Value"]):
                held = values.setdefault(one["MetricName"], [])
                held.append([one["Timestamp"], one.get("Step"), one["Value"]])
            else:
                errors.append({"Code": "VALIDATION_ERROR", "MetricIndex": index})
        arn = component["TrialComponentArn"]
        kept = [one for one in component.get("Metrics", ()) if one["SourceArn"] != arn]
        shown = [_summary(arn, name, held) for name, held in sorted(values.items())]
        engine.store.change(component, **{VALUES: values, "Metrics": [*kept, *shown]})
    return {"Errors": errors}


def _summary(arn: str, name: str, held: list[list[Any]]) -> Members:
    """Return what a trial component shows of a metric."""
    numbers = [value for _, _, value in held]
    mean = sum(numbers) / len(numbers)
    variance = sum((value - mean) ** 2 for value in numbers) / len(numbers)
    last = max(held, key=lambda one: (one[0], one[1] or 0))
    return {
        "MetricName": name,
        "SourceArn": arn,
        "TimeStamp": last[0],
        "Max": max(numbers),
        "Min": min(numbers),
        "Last": last[2],
        "Count": len(numbers),
        "Avg": mean,
        "StdDev": math.sqrt(variance),
    }


@after_catch_up
def batch_get_metrics(engine: Engine, request: Members) -> Members:
    """Return the statistics of metrics, by step or by period of time."""
    found = []
    for query in request["MetricQueries"]:
        try:
            component = engine.store.find("TrialComponent", query["ResourceArn"])
            found.append(_answer(component, query))
        except AwsError as error:
            failed = {"Status": "ValidationError", "Message": error.message}
            found.append({**failed, "XAxisValues": [], "MetricValues": []})
    return {"MetricQueryResults": found}


def _answer(component: Document, query: Members) -> Members:
    held = component.get(VALUES, {}).get(query["MetricName"])
    if held is None:
        raise AwsError(
            "ValidationException",
            f"{component['TrialComponentName']} has no metric {query['MetricName']}.",
        )
    by_step = query["XAxisType"] == "IterationNumber"
    if by_step != (query["Period"] == "IterationNumber"):
        raise AwsError(
            "ValidationException",
            f"Period {query['Period']} does not go with {query['XAxisType']}.",
        )
    groups: dict[int, list[list[Any]]] = {}
    for time, step, value in held:
        if by_step:
            place = step
        else:
            period = _PERIODS[query["Period"]]
            place = int(time // period * period)
        if place is not None:
            groups.setdefault(place, []).append([time, step, value])
    start, end = query.get("Start", -math.inf), query.get("End", math.inf)
    places = [place for place in sorted(groups) if start <= place <= end]
    return {
        "Status": "Complete",
        "XAxisValues": places,
        "MetricValues": [
            float(_summary("", "", groups[place])[query["MetricStat"]])
            for place in places
        ],
    }


HANDLERS = {"BatchPutMetrics": batch_put_metrics, "BatchGetMetrics": batch_get_metrics}
_RUNTIME = RestRuntime(SERVICE, HANDLERS)
operation_of, invoke = _RUNTIME.operation_of, _RUNTIME.invoke
