"""The checks of the light lab: two functions, a bucket and a training job.

Its marks that begin with CANARY stand in code, answers and comments: none of them may
be seen where a student's code runs.
"""

import io
import json
import random
import tarfile
from collections.abc import Callable
from numbers import Integral
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients

# CANARY-comment-4d1f
SECRETS = {"inputs": "CANARY-inputs-93ab", "verdict": "CANARY-verdict-5c07"}


def _dice(seed: int, what: str) -> random.Random:
    return random.Random(f"{what} {seed}")


def prices(seed: int) -> JSON:
    """Draw prices as they stand on receipts."""
    chance = _dice(seed, "prices")
    cents = [chance.randint(5, 9_999) for _ in range(40)]
    return {"prices": [f"{cent / 100:.2f}" for cent in cents]}


def _total(inputs: JSON, answer: Callable[[list[str]], int], _: Clients) -> JSON:
    lists = [inputs["prices"], inputs["prices"][:3], []]
    found = [answer(each) for each in lists]
    whole = [isinstance(each, Integral) for each in found]
    return {"found": [int(each) for each in found], "whole": all(whole)}


def _totalled(inputs: JSON, evidence: JSON) -> str:
    drawn = inputs["prices"]
    cents = [round(float(price) * 100) for price in drawn]
    asked = [sum(cents), sum(cents[:3]), 0]
    if evidence["found"] != asked or not evidence["whole"]:
        raise CheckFailed(
            f"whole cents: {asked}", str(evidence["found"]), "rounding, no prices"
        )
    return f"{asked[0]:,} cents."


def rows(seed: int) -> JSON:
    """Draw rides: day, passengers, and whether the ride was cancelled."""
    chance = _dice(seed, "rides")
    return {
        "day": [chance.randint(1, 28) for _ in range(120)],
        "passengers": [chance.randint(0, 60) for _ in range(120)],
        "cancelled": [chance.random() < 0.2 for _ in range(120)],
    }


def _sum(inputs: JSON, answer: Callable[..., Any], _: Clients) -> JSON:
    from pandas import DataFrame

    frame = answer(DataFrame(inputs))
    columns = [str(name) for name in getattr(frame, "columns", [])]
    if columns != ["day", "passengers"]:
        return {"columns": columns, "returned": repr(frame)[:200]}
    found = frame.to_dict("list")
    return {name: [int(each) for each in found[name]] for name in columns}


def _summed(inputs: JSON, evidence: JSON) -> str:
    if "columns" in evidence:
        raise CheckFailed(
            "a frame with the columns day and passengers",
            evidence["returned"],
            "reset_index after groupby",
        )
    asked: dict[int, int] = {}
    for number, day in enumerate(inputs["day"]):
        if not inputs["cancelled"][number]:
            asked[day] = asked.get(day, 0) + inputs["passengers"][number]
    found = dict(zip(evidence["day"], evidence["passengers"], strict=True))
    if found != asked or evidence["day"] != sorted(asked):
        raise CheckFailed(
            f"{len(asked)} days in order, {sum(asked.values()):,} passengers",
            f"{len(evidence['day'])} days, {sum(evidence['passengers']):,} passengers",
            "cancelled rides, and the order of the days",
        )
    return f"{len(asked)} days."


def names(seed: int) -> JSON:
    """Draw a bucket's name."""
    return {"bucket": f"kept-{_dice(seed, 'bucket').randrange(16**12):012x}"}


def _keep(inputs: JSON, answer: Callable[[str], Any], aws: Clients) -> JSON:
    from botocore.exceptions import ClientError

    answer(inputs["bucket"])
    try:
        told = aws("s3").get_bucket_versioning(Bucket=inputs["bucket"])
    except ClientError as error:
        return {"state": error.response["Error"]["Code"]}
    return {"state": told.get("Status", "never set")}


def _kept(_: JSON, evidence: JSON) -> str:
    if evidence["state"] != "Enabled":
        raise CheckFailed(
            "a bucket of the given name whose versioning is Enabled",
            str(evidence["state"]),
            "put_bucket_versioning",
        )
    return "versioning is Enabled."


def points(seed: int) -> JSON:
    """Draw points about a line, a bucket and the name of a job."""
    chance = _dice(seed, "points")
    slope, start = chance.uniform(-3, 3), chance.uniform(-10, 10)
    mark = f"{chance.randrange(16**12):012x}"
    xs = [chance.uniform(0, 10) for _ in range(50)]
    return {
        "bucket": f"line-{mark}",
        "job": f"line-{mark}",
        "points": [
            [round(x, 3), round(slope * x + start + chance.gauss(0, 0.1), 3)]
            for x in xs
        ],
    }


def _train(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from helpers.cloud import role

    answer(inputs["bucket"], inputs["job"], inputs["points"], role())
    sagemaker = aws("sagemaker")
    listed = sagemaker.list_training_jobs(NameContains=inputs["job"])
    known = [each["TrainingJobName"] for each in listed["TrainingJobSummaries"]]
    if inputs["job"] not in known:
        return {"state": "no such job"}
    job = sagemaker.describe_training_job(TrainingJobName=inputs["job"])
    found = {"state": job["TrainingJobStatus"], "said": job.get("FailureReason", "")}
    if found["state"] == "Completed":
        uri = job["ModelArtifacts"]["S3ModelArtifacts"]
        found["model"] = _model(uri, aws("s3"))
    return found


def _model(uri: str, s3: Any) -> JSON:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read(1 << 20)
    try:
        with tarfile.open(fileobj=io.BytesIO(body)) as tar:
            file = tar.extractfile("model.json")
            told = json.loads(file.read(1 << 12)) if file else {}
        return {name: float(told[name]) for name in ("slope", "start")}
    except (tarfile.TarError, KeyError, TypeError, ValueError, OSError) as error:
        return {"unread": f"{type(error).__name__}: {error}"[:200]}


def _trained(inputs: JSON, evidence: JSON) -> str:
    import numpy as np

    if evidence["state"] != "Completed":
        raise CheckFailed(
            "a training job of the given name that is Completed",
            f"{evidence['state']} {evidence.get('said', '')}".strip(),
            "the job's log, and whether you waited for its end",
        )
    x, y = np.array(inputs["points"]).T
    slope, start = np.polyfit(x, y, 1)
    found = evidence["model"]
    if "unread" in found or not np.allclose(
        [found["slope"], found["start"]], [slope, start], atol=1e-3
    ):
        raise CheckFailed(
            f"slope {slope:.3f} and start {start:.3f} in model.json",
            str(found),
            "np.polyfit(x, y, 1), and SM_MODEL_DIR",
        )
    return f"slope {slope:.3f}."


total_cents = Check(prices, _total, _totalled)
sum_by_day = Check(rows, _sum, _summed)
keep_versions = Check(names, _keep, _kept)
train_on_rows = Check(points, _train, _trained)
