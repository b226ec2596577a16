"""Lab 1.1, task 5: a flow as a job, and both sides of the feature group it fills."""

import io
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.payments import cards, land
from helpers.payments.naming import named
from helpers.samples import sample

FLOW = "scripts/payments/days.flow"
IMAGE = "sagemaker-data-wrangler-container"


def drawn(seed: int) -> JSON:
    """Draw a bucket, a name for the feature group, and give its features."""
    return {
        "seed": seed,
        "bucket": named(seed, "card-features"),
        "group": named(seed, "days"),
        "features": cards.FEATURES,
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    given = land("open_a_feature_group", inputs, aws)
    group = f"{given['group']}-{uuid4().hex[:8]}"
    sagemaker = aws("sagemaker")
    try:
        job = answer(
            group, given["features"], given["uri"], given["late"], given["bucket"]
        )
        return {"job": _job(job, aws), **_group(group, given, aws)}
    finally:
        listed = sagemaker.list_feature_groups(NameContains=group)
        for each in listed["FeatureGroupSummaries"]:
            sagemaker.delete_feature_group(FeatureGroupName=each["FeatureGroupName"])


def _job(name: object, aws: Clients) -> JSON:
    sagemaker = aws("sagemaker")
    listed = sagemaker.list_processing_jobs(NameContains=str(name)[:63])
    known = [each["ProcessingJobName"] for each in listed["ProcessingJobSummaries"]]
    if name not in known:
        return {"name": repr(name)[:200]}
    job = sagemaker.describe_processing_job(ProcessingJobName=name)
    flows = []
    for each in job.get("ProcessingInputs", []):
        place = each["S3Input"]
        if place["LocalPath"].rstrip("/") == "/opt/ml/processing/flow":
            bucket, _, prefix = place["S3Uri"].removeprefix("s3://").partition("/")
            s3 = aws("s3")
            listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
            for item in listed.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
                flows.append(sha256(body).hexdigest())
    return {
        "name": name,
        "status": job["ProcessingJobStatus"],
        "reason": job.get("FailureReason", ""),
        "image": job["AppSpecification"]["ImageUri"],
        "flows": flows,
    }


def _group(name: str, given: JSON, aws: Clients) -> JSON:
    """Read both sides of the group: each offline row, and each customer's record."""
    sagemaker = aws("sagemaker")
    listed = sagemaker.list_feature_groups(NameContains=name)["FeatureGroupSummaries"]
    if name not in [each["FeatureGroupName"] for each in listed]:
        return {"status": "none"}
    group = sagemaker.describe_feature_group(FeatureGroupName=name)
    store = group.get("OfflineStoreConfig", {}).get("S3StorageConfig")
    online = group.get("OnlineStoreConfig", {}).get("EnableOnlineStore", False)
    found: JSON = {"status": group["FeatureGroupStatus"]}
    found |= {"online": None, "offline": None}
    if store:
        found["offline"] = _offline(store["ResolvedOutputS3Uri"], aws)
    if online:
        names = {record["customer_id"] for record in cards.records(given["seed"])}
        found["online"] = _online(name, sorted(names), aws)
    return found


def _offline(uri: str, aws: Clients) -> list[list[Any]]:
    from pandas import concat, read_parquet

    s3 = aws("s3")
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    frames = [
        read_parquet(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        for key in keys
        if key.endswith(".parquet")
    ]
    if not frames:
        return []
    rows = concat(frames, ignore_index=True)
    rows = rows[[name for name in cards.FEATURES if name in rows]]
    return sorted(_plain(row) for row in rows.to_dict("records"))


def _online(group: str, names: list[str], aws: Clients) -> list[list[Any]]:
    runtime = aws("sagemaker-featurestore-runtime")
    found = []
    for name in names:
        answer = runtime.get_record(
            FeatureGroupName=group, RecordIdentifierValueAsString=name
        )
        record = {
            f["FeatureName"]: f["ValueAsString"] for f in answer.get("Record", [])
        }
        found += [_plain(record)] if record else []
    return found


def _plain(record: JSON) -> list[Any]:
    """Give a record as customer, time, payments and cents."""
    return [
        str(record.get("customer_id")),
        str(record.get("paid_at")),
        int(record.get("payments", -1)),
        round(float(record.get("spent", -1)) * 100),
    ]


def _verdict(inputs: JSON, evidence: JSON) -> str:
    _completed(evidence["job"])
    if evidence["status"] != "Created":
        raise CheckFailed(
            "a feature group of the given name that is Created",
            evidence["status"],
            "create_feature_group, and DescribeFeatureGroup until it is Created",
        )
    for side in ("online", "offline"):
        if evidence[side] is None:
            raise CheckFailed(
                "a group with an online and an offline store",
                f"no {side} store",
                "OnlineStoreConfig and OfflineStoreConfig",
            )
    by_flow = [_plain(each) for each in cards.records(inputs["seed"])]
    late = [_plain(each) for each in cards.late(inputs["seed"])]
    offline, asked = evidence["offline"], sorted(by_flow + late)
    if offline != asked:
        lost = [row for row in asked if row not in offline]
        raise CheckFailed(
            f"{len(asked)} rows offline: {len(by_flow)} that the flow makes, "
            f"{len(late)} that came late, each once",
            f"{len(offline)} rows, of which {len(asked) - len(lost)} were asked",
            "what the job wrote into the group, and what you put after it",
        )
    newest = {row[0]: row for row in sorted(by_flow, key=lambda row: row[1])}
    wrong = [row[0] for row in evidence["online"] if newest.get(row[0]) != row]
    if wrong or len(evidence["online"]) != len(newest):
        raise CheckFailed(
            f"for each of {len(newest)} customers the record online that is newest by "
            "paid_at",
            f"another one for {', '.join(wrong)}"
            if wrong
            else f"records of {len(evidence['online'])} customers",
            "the event time of the late records, which is their own",
        )
    return (
        f"The job is Completed; {len(offline)} rows offline, {len(late)} of them late, "
        f"and the newest of each of {len(newest)} customers online."
    )


def _completed(job: JSON) -> None:
    if "status" not in job:
        raise CheckFailed(
            "the name of a processing job",
            f"your function returned {job['name']}, and no job has that name",
            "your return statement",
        )
    if job["status"] != "Completed":
        raise CheckFailed(
            f"a job that ends as Completed: {job['name']}",
            f"{job['status']} {job['reason']}".strip(),
            "the reason, then the job's lines in CloudWatch Logs; did you wait for it?",
        )
    given = sha256(sample(FLOW).read_bytes()).hexdigest()
    if IMAGE not in job["image"] or job["flows"] != [given]:
        raise CheckFailed(
            "a job of Data Wrangler's image with the given flow, unchanged, as its "
            "input /opt/ml/processing/flow",
            f"{job['image']} with {len(job['flows'])} flows",
            "ImageUri, and the ProcessingInputs",
        )


open_a_feature_group = Check(drawn, _probe, _verdict)
