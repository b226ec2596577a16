"""The checks of lab 0.0: one month landed, one model trained, one day scored."""

import io
import random
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks import jobs
from helpers.samples import sample, table

PREFIX = "flights/"
SCRIPT = "scripts/first_model/train.py"
# The reference has at least 0.606 in each month that the seed can draw.
PASS_MARK = 0.58


def drawn(seed: int) -> JSON:
    """Draw a month that no lesson uses, a day in its middle, and a bucket name."""
    draw = random.Random(seed)
    month, day = draw.randint(3, 12), draw.randint(15, 21)
    return {
        "month": month,
        "day": day,
        "bucket": f"on-time-desk-2013-{month:02}-{draw.randrange(16**8):08x}",
    }


def _land(inputs: JSON, answer: Callable[[int, str], str], aws: Clients) -> JSON:
    from pandas import read_csv

    month, bucket = inputs["month"], inputs["bucket"]
    key = answer(month, bucket)
    if not isinstance(key, str):
        return {"key": repr(key)[:200]}
    s3 = aws("s3")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
    if key not in [each["Key"] for each in listed]:
        return {"key": key}
    head = s3.head_object(Bucket=bucket, Key=key)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    rows = read_csv(io.BytesIO(body))
    return {
        "key": key,
        "encryption": head.get("ServerSideEncryption", "none"),
        "columns": [str(name) for name in rows],
        "rows": len(rows),
        "distance": int(rows["distance"].sum()) if "distance" in rows else 0,
    }


def _landed(inputs: JSON, evidence: JSON) -> str:
    flights = table("flights")
    month = flights[flights["month"] == inputs["month"]]
    key = evidence["key"]
    if "rows" not in evidence:
        raise CheckFailed(
            f"the key of a CSV object in the bucket {inputs['bucket']}",
            f"your function returned {key!r}, and no object has that key",
            "put_object of the S3 client, and your return statement",
        )
    if not key.startswith(PREFIX):
        raise CheckFailed(
            f"a key that begins with {PREFIX!r}", repr(key), "the Key of put_object"
        )
    if evidence["columns"] != list(month.columns):
        raise CheckFailed(
            f"a header with the {month.shape[1]} columns of the table, in its order",
            ", ".join(evidence["columns"])[:200],
            "to_csv(index=False), and columns that you have added or dropped",
        )
    asked, found = len(month), evidence["rows"]
    if found != asked:
        raise CheckFailed(
            f"all {asked:,} flights of month {inputs['month']}, cancelled ones too",
            f"{found:,} rows",
            "the filter on the month; a dropna takes the cancelled flights away",
        )
    asked, found = int(month["distance"].sum()), evidence["distance"]
    if found != asked:
        raise CheckFailed(
            f"flights that cover {asked:,} miles", f"{found:,} miles", "your rows"
        )
    if evidence["encryption"] != "aws:kms":
        raise CheckFailed(
            "an object encrypted with AWS KMS: HeadObject says aws:kms",
            f"HeadObject says {evidence['encryption']}",
            "the argument ServerSideEncryption of put_object",
        )
    return f"{evidence['rows']:,} flights under {key}, encrypted with AWS KMS."


def _train(inputs: JSON, answer: Callable[[str, int], str], aws: Clients) -> JSON:
    name = answer(inputs["bucket"], inputs["day"])
    if not isinstance(name, str):
        return {"job": repr(name)[:200]}
    sagemaker = aws("sagemaker")
    known = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    if name not in [each["TrainingJobName"] for each in known]:
        return {"job": name}
    job = sagemaker.describe_training_job(TrainingJobName=name)
    evidence = {
        "job": name,
        "status": job["TrainingJobStatus"],
        "reason": job.get("FailureReason", ""),
        "train": jobs.channels(job).get("train", ""),
        "before_day": job.get("HyperParameters", {}).get("before-day", ""),
        "scripts": jobs.scripts(job, aws("s3")),
    }
    if evidence["status"] == "Completed" and _given() in evidence["scripts"]:
        evidence["scores"] = jobs.scores(
            job, sample(SCRIPT), _held_back(inputs), aws("s3")
        )
    return evidence


def _trained(inputs: JSON, evidence: JSON) -> str:
    name, prefix = evidence["job"], f"s3://{inputs['bucket']}/{PREFIX}"
    if "status" not in evidence:
        raise CheckFailed(
            "the name of a training job",
            f"your function returned {name!r}, and no job has that name",
            "your return statement, and trainer._latest_training_job",
        )
    if evidence["status"] != "Completed":
        raise CheckFailed(
            f"a job that ends as Completed: {name}",
            f"{evidence['status']} {evidence['reason']}".strip(),
            "the reason, then the job's lines in CloudWatch Logs; did you wait for it?",
        )
    if evidence["train"].rstrip("/") != prefix.rstrip("/"):
        raise CheckFailed(
            f"the channel train on {prefix}",
            evidence["train"] or "no channel train",
            "InputData(channel_name=…, data_source=…)",
        )
    if _given() not in evidence["scripts"]:
        raise CheckFailed(
            "a job that ran the given script, unchanged",
            f"{len(evidence['scripts'])} scripts, none of them the given one",
            "SourceCode(source_dir=…, entry_script=…)",
        )
    if evidence["before_day"] != str(inputs["day"]):
        raise CheckFailed(
            f"training on the days before {inputs['day']}: hyperparameter before-day",
            evidence["before_day"] or "no such hyperparameter: it learned every day",
            "hyperparameters={…} of ModelTrainer",
        )
    quality = _held_back_auc(inputs, evidence["scores"])
    return f"the job is Completed; AUC {quality:.3f} over the days held back."


def _score(inputs: JSON, answer: Callable[[str, int, int], JSON], aws: Clients) -> JSON:
    job = _job_on(inputs, aws)
    if job is None:
        return {"job": None}
    returned = answer(job["TrainingJobName"], inputs["month"], inputs["day"])
    given = returned if isinstance(returned, dict) else {}
    endpoints = aws("sagemaker").list_endpoints()["Endpoints"]
    month = _held_back(inputs)
    artefact = jobs.scores(job, sample(SCRIPT), month, aws("s3"))
    return {
        "job": job["TrainingJobName"],
        "returned": sorted(given) if given else repr(returned)[:200],
        "scores": given.get("scores"),
        "auc": given.get("auc"),
        "endpoints": [each["EndpointName"] for each in endpoints],
        "artefact": artefact,
    }


def _scored(inputs: JSON, evidence: JSON) -> str:
    from sklearn.metrics import roc_auc_score

    day = inputs["day"]
    if evidence["job"] is None:
        raise CheckFailed(
            f"a completed job on s3://{inputs['bucket']}/{PREFIX}",
            "none",
            "task 2: run its check first",
        )
    if evidence["returned"] != ["auc", "scores"]:
        raise CheckFailed(
            "a dict with the keys scores and auc",
            str(evidence["returned"]),
            "your return statement",
        )
    month = _held_back(inputs)
    of_day = (month["day"] == day).to_numpy()
    truth = (month["arr_delay"] > 15)[of_day]
    scores = _numbers(evidence["scores"], len(truth))
    artefact = [s for s, ours in zip(evidence["artefact"], of_day, strict=True) if ours]
    apart = max(abs(a - b) for a, b in zip(scores, artefact, strict=True))
    if apart > 1e-6:
        raise CheckFailed(
            "the scores that the artefact gives, in the order of the table",
            f"scores that differ by up to {apart:.3f}",
            "the order of the flights, and which column you read as the score",
        )
    auc = roc_auc_score(truth, scores)
    if (
        not isinstance(evidence["auc"], int | float)
        or abs(evidence["auc"] - auc) > 1e-6
    ):
        raise CheckFailed(
            f"the AUC of your scores on day {day}, to six digits: {auc:.6f}",
            str(evidence["auc"]),
            "roc_auc_score(arr_delay > 15, scores): truth first, scores second",
        )
    if evidence["endpoints"]:
        raise CheckFailed(
            "no endpoint left",
            ", ".join(evidence["endpoints"]),
            "delete_endpoint: it bills by the second until you call it",
        )
    quality = _held_back_auc(inputs, evidence["artefact"])
    return (
        f"{len(scores)} flights, AUC {auc:.3f}, {quality:.3f} over the days held back."
    )


def _numbers(scores: object, asked: int) -> list[float]:
    if not isinstance(scores, list) or len(scores) != asked:
        found = len(scores) if isinstance(scores, list) else type(scores).__name__
        raise CheckFailed(
            f"{asked} scores, one for each flight of the day that arrived",
            str(found),
            "flights without arr_delay are left out; all others have a score",
        )
    if not all(isinstance(s, int | float) and 0 <= s <= 1 for s in scores):
        raise CheckFailed("scores from 0 to 1", str(scores[:3]), "what the model gives")
    return scores


def _held_back_auc(inputs: JSON, scores: list[float]) -> float:
    from sklearn.metrics import roc_auc_score

    month = _held_back(inputs)
    quality = roc_auc_score(month["arr_delay"] > 15, scores)
    if quality < PASS_MARK:
        raise CheckFailed(
            f"AUC of at least {PASS_MARK} over the days from {inputs['day']} on; "
            "a constant score has 0.5",
            f"{quality:.3f}",
            "the features and the days that the job learned from",
        )
    return float(quality)


def _held_back(inputs: JSON) -> Any:
    """Give the flights from the drawn day on that arrived, in the table's order."""
    flights = table("flights").dropna(subset="arr_delay")
    month = flights[flights["month"] == inputs["month"]]
    return month[month["day"] >= inputs["day"]]


def _given() -> str:
    return sha256(sample(SCRIPT).read_bytes()).hexdigest()


def _job_on(inputs: JSON, aws: Clients) -> JSON | None:
    """Give the newest completed job on the landed prefix."""
    sagemaker = aws("sagemaker")
    prefix = f"s3://{inputs['bucket']}/{PREFIX}".rstrip("/")
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        StatusEquals="Completed", SortBy="CreationTime", SortOrder="Descending"
    )
    for each in (summary for page in pages for summary in page["TrainingJobSummaries"]):
        name = each["TrainingJobName"]
        job = sagemaker.describe_training_job(TrainingJobName=name)
        if jobs.channels(job).get("train", "").rstrip("/") == prefix:
            return job
    return None


land_the_month = Check(drawn, _land, _landed)
train_a_first_model = Check(drawn, _train, _trained)
score_one_day = Check(drawn, _score, _scored)
