"""A job: what it reads, what it does with it, what it writes."""

import datetime as dt
import json
import time
from typing import Any

import boto3
import pandas as pd

from localaws.brew.destinations import write
from localaws.brew.profile import profile
from localaws.brew.recipe import cook
from localaws.brew.rules import hold
from localaws.brew.sources import Sources

Members = dict[str, Any]


def run(job: Members) -> Members:
    """Run a job, and return what came of it.

    Args:
        job: `type`, `dataset`, `datasets` and what the type has of its own.
    """
    sources = Sources(job["datasets"])
    frame = sources.open(job["datasets"][job["dataset"]])
    if job["type"] == "RECIPE":
        frame = cook(frame, job["steps"], sources.read)
        places = [write(frame, one, job["stem"], job["name"]) for one in job["outputs"]]
        return {"places": places}
    return _profile(job, frame)


def _profile(job: Members, frame: pd.DataFrame) -> Members:
    began = time.monotonic()
    sample = job["sample"]
    if sample["Mode"] == "CUSTOM_ROWS":
        frame = frame.head(sample["Size"])
    where = job["outputs"][0]["Location"]
    prefix = where.get("Key", "")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    stem = f"{folder}{job['dataset']}_{job['run'].removeprefix('db_')}"
    started = dt.datetime.fromisoformat(job["started"])

    def store(document: Members, key: str) -> str:
        passed = 0.0 if job["standing"] else time.monotonic() - began
        uri = f"s3://{where['Bucket']}/{key}"
        document |= {
            "jobName": job["name"],
            "jobRunId": job["run"],
            "location": uri,
            "startedOn": _stamp(started),
            "writtenOn": _stamp(started + dt.timedelta(seconds=passed)),
            "version": "1.0",
        }
        body = json.dumps(document, indent=2).encode()
        client = boto3.client("s3")
        client.put_object(Bucket=where["Bucket"], Key=key, Body=body)
        print(f"Output: {uri}", flush=True)
        return uri

    made = store(profile(frame, job["configuration"]), f"{stem}.json")
    if not job["rulesets"]:
        return {"places": [made]}
    results = []
    for one in job["rulesets"]:
        state, held = hold(frame, one["rules"])
        told = {name: one[name] for name in ("name", "arn", "lastModifiedDate")}
        about = {"description": one["description"]} if one.get("description") else {}
        results.append({**told, **about, "ruleResults": held, "status": state})
    report = {"sampleSize": len(frame), "rulesetResults": results}
    uri = store(report, f"{stem}_dq-validation-report.json")
    states = {one["name"]: one["status"] for one in results}
    return {"places": [made, uri], "report": uri, "rulesets": states}


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
