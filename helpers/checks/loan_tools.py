"""Lab 1.2, task 3: one recipe in three tools gives one table, at three prices."""

import io
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.loans import land, tools
from helpers.payments.naming import named

if TYPE_CHECKING:
    from pandas import DataFrame

GOOD = {"databrew": "SUCCEEDED", "glue": "SUCCEEDED", "wrangler": "Completed"}
# Differences below are of the order in which a tool adds.
DIGITS = 9


def drawn(seed: int) -> JSON:
    """Draw the loans, and names for a bucket and three jobs."""
    jobs = {tool: named(seed, f"recipe-{tool}") for tool in tools.TOOLS}
    return {"seed": seed, "bucket": named(seed, "loan-recipe"), "jobs": jobs}


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    from helpers import cloud

    mark = uuid4().hex[:6]
    jobs = {tool: f"{name}-{mark}" for tool, name in inputs["jobs"].items()}
    own = {"bucket": f"{inputs['bucket']}-{mark}", "jobs": jobs}
    given = land("same_recipe_three_tools", inputs | own, aws)
    returned = answer(
        given["bucket"],
        given["source"],
        given["script"],
        given["targets"],
        given["jobs"],
        cloud.role(),
    )
    bill = cloud.bill()
    cost = {
        tool: float(bill.loc[bill["resource"] == name, "cost"].sum())
        for tool, name in jobs.items()
    }
    return {
        "returned": returned if isinstance(returned, str) else repr(returned)[:200],
        "states": {tool: _state(tool, name, aws) for tool, name in jobs.items()},
        "tables": {
            tool: _table(uri, aws("s3")) for tool, uri in given["targets"].items()
        },
        "cost": cost,
    }


def _state(tool: str, name: str, aws: Clients) -> str:
    """Give the state of the latest run of a job, as its own service tells it."""
    from botocore.exceptions import ClientError

    try:
        if tool == "glue":
            runs = aws("glue").get_job_runs(JobName=name)["JobRuns"]
            return _ended(runs[0], "JobRunState", "ErrorMessage") if runs else "no run"
        if tool == "databrew":
            runs = aws("databrew").list_job_runs(Name=name)["JobRuns"]
            return _ended(runs[0], "State", "ErrorMessage") if runs else "no run"
        told = aws("sagemaker").describe_processing_job(ProcessingJobName=name)
        return _ended(told, "ProcessingJobStatus", "FailureReason")
    except ClientError as error:
        return f"no such job ({error.response['Error']['Code']})"


def _ended(run: JSON, state: str, reason: str) -> str:
    return f"{run[state]} {run.get(reason, '')[:300]}".strip()


def _table(uri: str, s3: Any) -> JSON:
    """Give columns and rows of a table in Parquet, and a digest of each column."""
    import pandas as pd

    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    bodies = [
        s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        for each in listed
        if each["Size"]
    ]
    parts = [pd.read_parquet(io.BytesIO(b)) for b in bodies if b[:4] == b"PAR1"]
    if not parts:
        keys = [each["Key"].removeprefix(prefix) for each in listed]
        return {"problem": f"no Parquet below {uri}, but {keys[:3] or 'nothing'}"}
    table = pd.concat(parts)
    try:
        return summary(tools.ordered(table))
    except (KeyError, ValueError):
        kinds = table.select_dtypes(exclude="number").dtypes
        wrong = ", ".join(f"{name} ({kind})" for name, kind in kinds.items())
        said = wrong or "none, but application is not among them"
        return {"problem": f"columns that are no numbers: {said}"[:400]}


def summary(table: "DataFrame") -> JSON:
    """Say all that two equal tables share."""
    return {
        "rows": len(table),
        "columns": {
            str(name): sha256(
                (values.round(DIGITS) + 0.0).to_numpy("float64").tobytes()
            ).hexdigest()
            for name, values in table.items()
        },
    }


def _verdict(inputs: JSON, evidence: JSON) -> str:
    asked = summary(tools.cooked(inputs["seed"]))
    for tool in tools.TOOLS:
        state = evidence["states"][tool]
        if state != GOOD[tool]:
            raise CheckFailed(
                f"{tool}: the latest run of the job {GOOD[tool]}",
                state,
                "that reason, and whether you waited for the end of the job",
            )
        _equal(tool, evidence["tables"][tool], asked)
    cost = evidence["cost"]
    cheapest = min(cost, key=cost.__getitem__)
    told = ", ".join(f"{tool} {usd:.4f}" for tool, usd in sorted(cost.items()))
    if evidence["returned"] != cheapest:
        raise CheckFailed(
            f"the name of the tool that was charged least, one of {sorted(cost)}",
            f"{evidence['returned']}, with {told} USD",
            "cloud.bill(), whose column resource names the jobs, after all have ended",
        )
    return (
        f"three equal tables of {asked['rows']:,} rows; {cheapest} was charged least, "
        f"{cost[cheapest]:.4f} USD."
    )


def _equal(tool: str, found: JSON, asked: JSON) -> None:
    if "problem" in found:
        raise CheckFailed(
            f"{tool}: one table of numbers in Parquet",
            found["problem"],
            "the format of the job's output, and the step that drops what was encoded",
        )
    if [*found["columns"]] != [*asked["columns"]]:
        more = sorted(found["columns"].keys() - asked["columns"].keys())
        less = sorted(asked["columns"].keys() - found["columns"].keys())
        raise CheckFailed(
            f"{tool}: the columns {[*asked['columns']]}",
            f"too many: {more}, missing: {less}",
            "the steps that rename, that encode, and that drop what was encoded",
        )
    if found["rows"] != asked["rows"]:
        raise CheckFailed(
            f"{tool}: {asked['rows']} rows",
            f"{found['rows']}",
            "rows without a value go first, copies of whole rows next",
        )
    wrong = [
        n for n, digest in found["columns"].items() if asked["columns"][n] != digest
    ]
    if wrong:
        raise CheckFailed(
            f"{tool}: the values of the recipe in every column",
            f"others in {wrong}",
            "the order of the steps: median and scale are taken from what is left",
        )


same_recipe_three_tools = Check(drawn, _probe, _verdict)
