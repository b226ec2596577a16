"""Lab 1.2, task 6: garments labelled by four people, one of whom does not look."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.garments import land, truth
from helpers.garments.landing import EACH
from helpers.payments.naming import named

KEYS = ["careless", "labels"]


def drawn(seed: int) -> JSON:
    """Draw the photographs and the crowd, and names for a bucket and a job."""
    return {
        "seed": seed,
        "bucket": named(seed, "garments"),
        "job": named(seed, "what-is-it"),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from helpers.cloud import role

    # the simulated crowd answers by the job's name, which no other job has
    pages = aws("sagemaker").get_paginator("list_labeling_jobs")
    named = pages.paginate(NameContains=inputs["job"])
    mark = sum(len(page["LabelingJobSummaryList"]) for page in named)
    own = {name: f"{inputs[name]}-{mark}" for name in ("bucket", "job")}
    given = land(inputs | own, aws)
    returned = answer(*given.values(), role())
    if not isinstance(returned, dict) or sorted(map(str, returned)) != KEYS:
        found = list(returned) if isinstance(returned, dict) else returned
        return {"returned": repr(found)[:100]}
    labels = returned["labels"]
    if not isinstance(labels, dict):
        return {"returned": f"labels: a {type(labels).__name__}"}
    return {
        "labels": {str(key): str(label) for key, label in labels.items()},
        "careless": str(returned["careless"]),
        **_job(given["job"], aws),
    }


def _job(name: str, aws: Clients) -> JSON:
    """Give the job as AWS tells it, the lines of its manifest, and every vote."""
    from botocore.exceptions import ClientError

    try:
        told = aws("sagemaker").describe_labeling_job(LabelingJobName=name)
    except ClientError as error:
        return {"status": f"no such job ({error.response['Error']['Code']})"}
    if told["LabelingJobStatus"] != "Completed":
        reason = told.get("FailureReason", "")
        return {"status": f"{told['LabelingJobStatus']} {reason}".strip()}
    s3, output = aws("s3"), told["LabelingJobOutput"]["OutputDatasetS3Uri"]
    lines = _read(s3, output).splitlines()
    return {
        "status": "Completed",
        "workers": told["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"],
        "lines": [json.loads(line).get("source-ref", "") for line in lines],
        "votes": _votes(s3, output.partition("/manifests/")[0]),
    }


def _key(uri: str) -> str:
    return uri.removeprefix("s3://").partition("/")[2]


def _votes(s3: Any, folder: str) -> list[list[str]]:
    """Give number of the object, worker and category of every answer of a job."""
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"{prefix}/annotations/worker-response/"
    )
    found = []
    for each in (one for page in pages for one in page.get("Contents", [])):
        document = json.loads(_read(s3, f"s3://{bucket}/{each['Key']}"))
        for answer in document["answers"]:
            (chosen,) = answer["answerContent"].values()
            found.append(
                [each["Key"].split("/")[-2], answer["workerId"], chosen["label"]]
            )
    return found


def _read(s3: Any, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def _verdict(inputs: JSON, evidence: JSON) -> str:
    if "returned" in evidence:
        raise CheckFailed(
            "a dict with the keys labels, itself a dict, and careless",
            evidence["returned"],
            "your return statement",
        )
    if evidence["status"] != "Completed":
        raise CheckFailed(
            "the labeling job Completed",
            evidence["status"],
            "describe_labeling_job, and whether you waited for its end",
        )
    if evidence["workers"] != EACH:
        raise CheckFailed(
            f"{EACH} people for each photograph",
            f"{evidence['workers']}",
            "NumberOfHumanWorkersPerDataObject",
        )
    asked = truth(inputs["seed"])
    lines = Counter(map(_key, evidence["lines"]))
    if lines != Counter(list(asked)):
        twice = [key for key, count in lines.items() if count > 1]
        raise CheckFailed(
            f"one line of the manifest for each of {len(asked)} photographs",
            f"{len(asked.keys() - lines.keys())} missing, {len(twice)} more than once",
            "the input manifest: one JSON object a line, with source-ref",
        )
    right = _right(evidence, asked)
    careless = min(right, key=right.__getitem__)
    best = max(right.values())
    _labels(evidence["labels"], asked, best)
    if evidence["careless"] != careless:
        raise CheckFailed(
            "the worker who does not look, by the id in the worker responses",
            f"{evidence['careless']!r}",
            "who agrees with the settled labels no more often than by chance",
        )
    share = _share(evidence["labels"], asked)
    return (
        f"{share:.1%} of the labels are right; the best person had {best:.1%}, the "
        f"careless one {right[careless]:.1%}."
    )


def _right(evidence: JSON, asked: dict[str, str]) -> dict[str, float]:
    """Give the share of right answers of each worker."""
    keys = list(map(_key, evidence["lines"]))
    said: dict[str, list[bool]] = {}
    for number, worker, label in evidence["votes"]:
        said.setdefault(worker, []).append(asked[keys[int(number)]] == label)
    return {worker: sum(each) / len(each) for worker, each in said.items()}


def _labels(labels: dict[str, str], asked: dict[str, str], best: float) -> None:
    if labels.keys() != asked.keys():
        raise CheckFailed(
            f"a label for each of {len(asked)} keys, such as {next(iter(asked))!r}",
            f"{len(labels)} labels, {len(asked.keys() - labels.keys())} keys without "
            f"one; the first is for {next(iter(labels), '')!r}",
            "the keys of labels: keys of the bucket, not URIs, names or numbers",
        )
    share = _share(labels, asked)
    if share <= best:
        raise CheckFailed(
            f"labels that are right more often than the best annotator, {best:.1%}",
            f"{share:.1%}",
            "votes that count by what their worker is worth, not each alike",
        )


def _share(labels: dict[str, str], asked: dict[str, str]) -> float:
    return sum(labels[key] == label for key, label in asked.items()) / len(asked)


settle_four_annotators = Check(drawn, _probe, _verdict)
