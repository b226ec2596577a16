"""Lab 1.3, task 1: bias in a branch's mortgages, measured twice and weighed away."""

import json
import math
from collections.abc import Callable
from typing import Any

from helpers import mortgages
from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments.naming import named

KEYS = ["metrics", "weights", "worst"]
NAMES = ["CI", "DPL", "JS", "KL"]
SAME = 1e-6
HINTS = {
    "CI": "(n_a - n_d) / (n_a + n_d); d has the facet's value",
    "DPL": "q_a - q_d, shares of denials; d has the facet's value",
    "KL": "the sum of P_a ln(P_a / P_d); d has the facet's value",
    "JS": "the mean of KL(P_a, M) and KL(P_d, M), where M is the mean of P_a and P_d",
}
FOUR = f"{', '.join(NAMES[:-1])} and {NAMES[-1]}"


def drawn(seed: int) -> JSON:
    """Draw a bucket and the name of a job; the applications are made of the seed."""
    return {
        "seed": seed,
        "bucket": named(seed, "mortgages"),
        "job": named(seed, "bias"),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from helpers.cloud import role

    __tracebackhide__ = True
    given = mortgages.land(inputs, aws)
    returned = answer(*given.values(), role())
    if not isinstance(returned, dict) or sorted(map(str, returned)) != KEYS:
        found = list(returned) if isinstance(returned, dict) else returned
        return {"returned": repr(found)[:200]}
    measured = returned["metrics"]
    shaped = isinstance(measured, dict) and sorted(measured) == sorted(mortgages.FACETS)
    if not shaped or any(not {*NAMES} <= {*each} for each in measured.values()):
        return {"returned": f"metrics: {measured!r}"[:200]}
    try:
        numbers = {
            facet: {one: float(each[one]) for one in NAMES}
            for facet, each in measured.items()
        }
        weights = [float(each) for each in returned["weights"]]
    except (TypeError, ValueError) as error:
        return {"returned": f"metrics or weights that are no numbers: {error}"[:200]}
    told = {"metrics": numbers, "worst": str(returned["worst"]), "weights": weights}
    return told | _report(given["job"], aws)


def _report(name: str, aws: Clients) -> JSON:
    """Give the job as AWS tells it, and the metrics that it has left."""
    from botocore.exceptions import ClientError

    try:
        told = aws("sagemaker").describe_processing_job(ProcessingJobName=name)
    except ClientError as error:
        return {"status": f"no job {name} ({error.response['Error']['Code']})"}
    found: JSON = {
        "status": told["ProcessingJobStatus"],
        "reason": told.get("FailureReason", ""),
        "image": told["AppSpecification"]["ImageUri"],
    }
    if found["status"] != "Completed":
        return found
    (output, *_) = told["ProcessingOutputConfig"]["Outputs"]
    bucket, _, prefix = output["S3Output"]["S3Uri"].removeprefix("s3://").partition("/")
    key = f"{prefix.rstrip('/')}/analysis.json"
    try:
        body = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        return found | {"report": {}, "missing": error.response["Error"]["Code"]}
    measured = json.loads(body).get("pre_training_bias_metrics", {})
    return found | {
        "report": {
            facet: [
                [str(group["value_or_threshold"]), _values(group)] for group in groups
            ]
            for facet, groups in measured.get("facets", {}).items()
        }
    }


def _values(group: JSON) -> dict[str, float | None]:
    return {each["name"]: each["value"] for each in group["metrics"]}


def _verdict(inputs: JSON, evidence: JSON) -> str:
    if "returned" in evidence:
        raise CheckFailed(
            f"a dict with the keys {', '.join(KEYS)}; metrics holds {FOUR} for each of "
            f"{', '.join(sorted(mortgages.FACETS))}; weights, a number a row",
            evidence["returned"],
            "your return statement",
        )
    rows = mortgages.drawn(inputs["seed"])
    right = {facet: mortgages.metrics(rows, facet) for facet in mortgages.FACETS}
    _job(evidence)
    for facet, metrics in right.items():
        _agree(facet, metrics, evidence)
    worst = max(right, key=lambda facet: abs(right[facet]["DPL"]))
    if evidence["worst"] != worst:
        raise CheckFailed(
            "the facet whose group is denied most unlike the others",
            evidence["worst"],
            "the DPL that is the furthest from 0, whatever its sign",
        )
    _weighed(rows, worst, evidence["weights"])
    return (
        f"{worst} is the worst facet of {len(rows):,} applications: CI "
        f"{right[worst]['CI']:.3f}, DPL {right[worst]['DPL']:.3f}, 0 by your weights; "
        "analysis.json agrees."
    )


def _job(evidence: JSON) -> None:
    if evidence["status"] != "Completed":
        raise CheckFailed(
            "a processing job of the given name that ends as Completed",
            f"{evidence['status']} {evidence.get('reason', '')}".strip(),
            "the argument job, each call has another; then describe_processing_job",
        )
    if "sagemaker-clarify-processing" not in evidence["image"]:
        raise CheckFailed(
            "a job of Amazon SageMaker Clarify",
            evidence["image"],
            "SageMakerClarifyProcessor, or its image",
        )


def _agree(facet: str, right: dict[str, float], evidence: JSON) -> None:
    """Hold the learner's numbers and the job's to the formulas."""
    groups = dict(evidence["report"].get(facet, []))
    told = groups.get(mortgages.FACETS[facet], {})
    missing = evidence.get("missing")
    for name in NAMES:
        if not _near(told.get(name), right[name]):
            found = f"{told.get(name)}, with the groups {', '.join(groups) or 'none'}"
            raise CheckFailed(
                f"{name} of {facet} = {mortgages.FACETS[facet]} in analysis.json, "
                f"{right[name]:.6f}",
                f"no analysis.json ({missing})" if missing else found,
                "BiasConfig: a denial is the label asked about, and each facet has the "
                "value that the argument facets says",
            )
        said = evidence["metrics"][facet][name]
        if not _near(said, right[name]):
            bits = name in ("KL", "JS") and _near(said * math.log(2), right[name])
            raise CheckFailed(
                f"{name} of {facet}, {right[name]:.6f}",
                f"{said:.6f}",
                "the logarithm, np.log" if bits else f"{name}: {HINTS[name]}",
            )


def _near(found: float | None, right: float) -> bool:
    return found is not None and math.isclose(found, right, abs_tol=SAME)


def _weighed(rows: Any, worst: str, weights: list[float]) -> None:
    if len(weights) != len(rows) or min(weights) <= 0:
        raise CheckFailed(
            f"a weight above 0 for each of {len(rows):,} applications",
            f"{len(weights):,}, the least {min(weights, default=0)}",
            "weights: in the order of the rows",
        )
    import pandas as pd

    weight = pd.Series(weights)
    group = rows[worst] == mortgages.FACETS[worst]
    denied = rows[mortgages.LABEL] == mortgages.DENIED
    shares = [
        weight[each & denied].sum() / weight[each].sum() for each in (~group, group)
    ]
    if abs(shares[0] - shares[1]) > SAME:
        raise CheckFailed(
            f"a DPL of 0 by {worst}, when each application counts by its weight",
            f"{shares[0] - shares[1]:.6f}",
            "reweighing: what a group and a label would share if they were "
            "independent, over what they do share",
        )
    for what, part in ((f"of {worst}", group), ("of denials", denied)):
        before, after = part.mean(), weight[part].sum() / weight.sum()
        if abs(before - after) > SAME:
            raise CheckFailed(
                f"the share {what} as it was, {before:.4f}",
                f"{after:.4f} by weight",
                "reweighing moves weight between the four cells, and leaves both "
                "margins as they are",
            )


measure_bias = Check(drawn, _probe, _verdict)
