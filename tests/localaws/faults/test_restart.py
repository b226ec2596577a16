"""F1: the endpoint is killed at random points of a session, and has it all again."""

import contextlib
import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localaws import daemon
from localaws.home import ENDED
from localaws.sagemaker.restart import REASON
from tests.conftest import EPOCH
from tests.localaws.faults.killing import kill, running
from tests.localaws.faults.session import BUCKET, FLYING, GROUP, Session
from tests.localaws.faults.view import job, seen
from tests.localaws.sagemaker import hosted, pipelining

KILLS = 5
# one on a standing clock, one on a running clock
SEEDS = range(40 if os.environ.get("MLA_NIGHTLY") == "1" else 2)
ONCE = Config(retries={"total_max_attempts": 1})


def fly(session: Session, number: int, dice: random.Random) -> None:
    """Make a change that is under way when the kill comes."""
    name = f"{FLYING}-{number}"
    changes = {
        "objects": lambda: boto3.client("s3", config=ONCE).put_object(
            Bucket=BUCKET, Key=name, Body=name.encode() * dice.randrange(1, 300_000)
        ),
        "features": lambda: boto3.client(
            "sagemaker-featurestore-runtime", config=ONCE
        ).put_record(
            FeatureGroupName=GROUP,
            Record=[
                {"FeatureName": "id", "ValueAsString": name},
                {"FeatureName": "at", "ValueAsString": "2026-01-01T00:00:00Z"},
            ],
        ),
        "model": lambda: boto3.client("sagemaker", config=ONCE).create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[hosted.variant("m")]
        ),
    }
    possible = [change for step, change in changes.items() if step in session.taken]
    if not possible:
        kill()
        return
    change = dice.choice(possible)

    def send() -> None:
        with contextlib.suppress(Exception):
            change()

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(dice.random() / 100)
    kill()
    thread.join()


def expected(before: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be seen after a kill: what ran has failed."""
    after = dict(before)
    for name in ("endless", "execution"):
        status = {"endless": "TrainingJobStatus", "execution": _EXECUTION}[name]
        found = before.get(name, {})
        if found.get(status) in ("InProgress", "Executing"):
            after.pop(name)
            after.pop("steps", None)
    return after


_EXECUTION = "PipelineExecutionStatus"


def check_ended(session: Session, before: dict[str, Any]) -> None:
    """Nothing that ran is in progress, and it says why."""
    if "endless" in before:
        found = job(session, "endless")
        assert (found["TrainingJobStatus"], found["FailureReason"]) == (
            "Failed",
            REASON,
        )
        assert found["SecondaryStatusTransitions"][-1]["Status"] == "Failed"
        assert all("EndTime" in step for step in found["SecondaryStatusTransitions"])
    if "execution" in before:
        found = session.sagemaker.describe_pipeline_execution(
            PipelineExecutionArn=session.execution
        )
        step = pipelining.steps(session.execution)["Ask"]
        assert found[_EXECUTION] == step["StepStatus"] == "Failed"
        assert found["FailureReason"] == step["FailureReason"] == REASON


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_loses_nothing_that_was_acknowledged(
    home: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """F1, on a standing and on a running clock."""
    if seed % 2:
        monkeypatch.delenv("LOCALAWS_EPOCH")
    else:
        monkeypatch.setenv("LOCALAWS_EPOCH", EPOCH)
    dice = random.Random(seed)
    with running() as connection:
        session = Session()
        steps = session.steps
        points = sorted(dice.sample(range(1, len(steps) + 1), KILLS))
        for number, step in enumerate(steps, 1):
            step()
            session.taken.append(step.__name__)
            if number not in points:
                continue
            before = seen(session)
            fly(session, number, dice)
            after = daemon.start()
            assert after.note.startswith(ENDED)
            assert "could not" not in after.note
            assert (after.port, after.access_key) == (
                connection.port,
                connection.access_key,
            )
            found = seen(session)
            drop_new_files(found, before)
            wanted = expected(before)
            assert {name: found[name] for name in wanted} == wanted
            check_ended(session, before)
            check_flown(session, number)
    assert not [*home.glob("journal.corrupt-*")]


def drop_new_files(found: dict[str, Any], before: dict[str, Any]) -> None:
    """Pass over what the offline store has written of a record that was under way."""
    name = f"{BUCKET} Versions"
    if name in found:
        known = {version["Key"] for version in before[name]}
        found[name] = [
            version
            for version in found[name]
            if version["Key"] in known or not version["Key"].startswith("offline/")
        ]


def check_flown(session: Session, number: int) -> None:
    """What was under way is there whole, or not at all."""
    if "objects" not in session.taken:
        return
    name = f"{FLYING}-{number}"
    listed = session.s3.list_objects_v2(Bucket=BUCKET, Prefix=name)
    for found in listed.get("Contents", ()):
        body = session.s3.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
        assert len(body) == found["Size"]
        assert body == name.encode() * (len(body) // len(name))
