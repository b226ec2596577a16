"""F1 for labeling jobs: they go on after a kill, with the answers that people gave."""

import time
from pathlib import Path
from typing import Any

import boto3

from tests.conftest import work_role
from tests.localaws.faults.killing import again, running
from tests.localaws.sagemaker.labelled import BUCKET, Desk, manifest


def opened(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Wait until a number of tasks are open."""
    end = time.monotonic() + 60
    while len(found := desk.control("tasks", workteam="desk")["tasks"]) != count:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def test_a_job_goes_on_with_what_people_have_answered(home: Path) -> None:
    with running() as connection:
        role = work_role(boto3.client("iam"))
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        desk = Desk(connection, role)
        desk.tell({"fine": "glad"}, seed=8, workers=6)
        done = desk.label([{"source": "fine"}], name="done")
        lines = [{"source": "so late"}, {"source": "thank you"}]
        given = desk.asked(lines, team=desk.team(), workers=1)
        desk.sagemaker.create_labeling_job(**given)
        tasks = opened(desk, 2)
        said = {"mood": {"label": "cross"}}
        desk.control("answers", task=tasks[0]["task"], worker="ana", answer=said)
        desk = Desk(again(), role)
        found = desk.sagemaker.describe_labeling_job(LabelingJobName="done")
        assert found["LabelingJobOutput"] == done["LabelingJobOutput"]
        assert desk.control("truth") == {"known": 1, "workers": 6}
        (task,) = opened(desk, 1)
        assert task["object"] == {"source": "thank you"}
        said = {"mood": {"label": "glad"}}
        desk.control("answers", task=task["task"], worker="ana", answer=said)
        job = desk.ended("moods")
        assert job["LabelingJobStatus"] == "Completed"
        names = [line["mood-metadata"]["class-name"] for line in manifest(job)]
        assert names == ["cross", "glad"]
