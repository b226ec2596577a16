"""Lab 1.1, task 4: five sources merged in one job of AWS Glue."""

import io
from collections.abc import Callable
from typing import Any

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.checks.card_numbers import plain
from helpers.payments import land, sources
from helpers.payments.naming import named

OUT = "out/merged/"
COUNTS = ["duplicates", "late", "orphans"]
LOOK = {
    "duplicates": "rows of payments beyond the first of each payment_id",
    "late": "the first received_at of a payment, less its paid_at",
    "orphans": "each payment once, without a customer, a terminal, or both",
}
JOINED = ["tier", "kind", "concourse"]


def drawn(seed: int) -> JSON:
    """Draw a bucket and a name for the job."""
    return {
        "seed": seed,
        "bucket": named(seed, "card-sources"),
        "job": named(seed, "merge"),
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    given = land("merge_the_sources", inputs, aws)
    bucket, job, glue = given["bucket"], f"{given['job']}-graded", aws("glue")
    s3 = aws("s3")
    for key in _keys(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=key)
    try:
        returned = answer(job, bucket)
        if not isinstance(returned, dict):
            return {"returned": repr(returned)[:200]}
        return {
            "returned": plain(returned),
            "run": _run(glue, job, str(returned.get("run"))),
            "merged": _merged(s3, bucket),
        }
    finally:
        glue.delete_job(JobName=job)


def _keys(s3: Any, bucket: str) -> list[str]:
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=OUT).get("Contents", [])
    return [each["Key"] for each in listed]


def _run(glue: Any, job: str, run: str) -> JSON:
    if job not in glue.list_jobs()["JobNames"]:
        return {"state": f"no job {job}"}
    runs = glue.get_job_runs(JobName=job)["JobRuns"]
    if run not in [each["Id"] for each in runs]:
        return {"state": f"no run {run} of the job"}
    found = glue.get_job_run(JobName=job, RunId=run)["JobRun"]
    return {"state": found["JobRunState"], "reason": found.get("ErrorMessage", "")}


def _merged(s3: Any, bucket: str) -> JSON:
    from pandas import concat, read_parquet

    keys = [key for key in _keys(s3, bucket) if key.endswith(".parquet")]
    if not keys:
        return {"columns": []}
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    rows = concat([read_parquet(io.BytesIO(body)) for body in bodies])
    found: JSON = {"columns": sorted(map(str, rows)), "rows": len(rows)}
    for name in ("amount", "refunded"):
        if name in rows:
            cents = (rows[name].fillna(0).astype(float) * 100).round()
            found[name] = int(cents.sum())
    if "items" in rows:
        found["items"] = int(rows["items"].fillna(0).sum())
    if "payment_id" in rows:
        found["distinct"] = int(rows["payment_id"].nunique())
    found["gaps"] = {
        name: int(rows[name].isna().sum()) for name in JOINED if name in rows
    }
    return found


def _verdict(inputs: JSON, evidence: JSON) -> str:
    returned = evidence["returned"]
    if not isinstance(returned, dict) or sorted(returned) != sorted([*COUNTS, "run"]):
        raise CheckFailed(
            f"a dict with run, {', '.join(COUNTS)}",
            str(returned)[:200],
            "your return statement",
        )
    run = evidence["run"]
    if run["state"] != "SUCCEEDED":
        raise CheckFailed(
            "a job run that GetJobRun calls SUCCEEDED",
            f"{run['state']} {run.get('reason', '')}".strip(),
            "the run's lines in the log groups of /aws-glue/jobs; did you wait?",
        )
    month = sources.month(inputs["seed"])
    _rows(month, evidence["merged"])
    for name in COUNTS:
        if returned[name] != month.counts[name]:
            raise CheckFailed(
                f"{name}: {month.counts[name]:,}",
                str(returned[name])[:100],
                LOOK[name],
            )
    counts = ", ".join(f"{month.counts[name]:,} {name}" for name in COUNTS)
    return f"SUCCEEDED; {evidence['merged']['rows']:,} payments merged; {counts}."


def _rows(month: sources.Month, found: JSON) -> None:
    wanted = ["payment_id", "amount", "items", "refunded", *JOINED]
    lost = [name for name in wanted if name not in found["columns"]]
    if lost:
        raise CheckFailed(
            f"Parquet below {OUT} with the columns {', '.join(wanted)}",
            f"no {', '.join(lost)}" if found["columns"] else "no Parquet file",
            "the query merged, and whether the job ran it",
        )
    clean = month.clean
    asked = {
        "rows": len(clean.payments),
        "distinct": len(clean.payments),
        "amount": int((clean.payments["amount"] * 100).round().sum()),
        "items": int(clean.receipts["items"].sum()),
        "refunded": int((clean.refunds["amount"] * 100).round().sum()),
    }
    more = found["rows"] > asked["rows"]
    hints = {
        "rows": "a join that multiplies rows, as what came twice or refunds in two "
        "parts do; or orphans"
        if more
        else "a join that drops what has no receipt, or no refund",
        "distinct": "what came twice",
        "amount": "which of two rows of one payment you keep",
        "items": "the join with receipts",
        "refunded": "the sum of a payment's refunds, taken before the join",
    }
    for name, number in asked.items():
        if found[name] != number:
            cents = ", in cents" if name in ("amount", "refunded") else ""
            raise CheckFailed(
                f"{name} of the merged payments{cents}: {number:,}",
                f"{found[name]:,}",
                hints[name],
            )
    if any(found["gaps"].values()):
        raise CheckFailed(
            "a customer and a terminal for each payment",
            f"gaps: {found['gaps']}",
            "payments without a customer or a terminal are orphans, and not merged",
        )


merge_the_sources = Check(drawn, _probe, _verdict)
