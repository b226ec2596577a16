"""Labeling jobs of a private work team: people answer through the control API."""

import json
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import DaemonError
from tests.localaws.sagemaker.labelled import (
    BUCKET,
    IMAGE,
    Desk,
    keys,
    manifest,
    put,
    read,
)

TEXTS = ("so late", "lost my bag", "thank you")


@pytest.fixture
def desk(endpoint, role, bucket):
    return Desk(endpoint, role)


@pytest.fixture
def team(desk):
    return desk.team()


def begun(desk, team, texts=TEXTS, **more):
    """Start a job and wait until its tasks are open."""
    given = desk.asked([{"source": text} for text in texts], team=team, **more)
    desk.sagemaker.create_labeling_job(**given)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = desk.control("tasks", workteam="desk")["tasks"]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("no task was opened")


def answer(desk, task, worker, label, seconds=4.5):
    said = {"mood": {"label": label}}
    return desk.control(
        "answers", task=task["task"], worker=worker, answer=said, seconds=seconds
    )["left"]


def test_people_answer_and_the_job_ends(desk, team):
    tasks = begun(desk, team, workers=2, TaskKeywords=["letters"])
    first = tasks[0]
    assert "so late" in first.pop("html")
    assert first.pop("expires").startswith("2026-02-04")
    assert first == {
        "task": "moods-0",
        "job": "moods",
        "title": "Mood",
        "description": "Say how the writer feels",
        "keywords": ["letters"],
        "input": {"taskObject": "so late", "labels": ["calm", "cross", "glad"]},
        "object": {"source": "so late"},
        "fields": [
            {
                "element": "crowd-classifier",
                "name": "mood",
                "categories": ["calm", "cross", "glad"],
                "multiple": False,
                "header": "How is the passenger?",
            }
        ],
        "seconds": 300,
        "needed": 2,
    }
    (pending,) = desk.sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=team)[
        "LabelingJobSummaryList"
    ]
    assert pending["LabelCounters"] == {
        "HumanLabeled": 0,
        "PendingHuman": 3,
        "Total": 3,
    }
    for worker, labels in (("ana", "cross cross glad"), ("bo", "cross calm glad")):
        left = [
            answer(desk, task, worker, label)
            for task, label in zip(tasks, labels.split(), strict=True)
        ]
        assert left == [2, 1, 0]
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Completed"
    labels = [line["mood-metadata"]["class-name"] for line in manifest(job)]
    assert labels[0] == "cross"
    assert labels[2] == "glad"
    folder = "out/moods/annotations/worker-response/iteration-1/"
    names = keys(folder)
    assert len(names) == 6
    (given,) = json.loads(read(f"s3://{BUCKET}/{folder}{names[0]}"))["answers"]
    assert given["answerContent"] == {"mood": {"label": "cross"}}
    assert given["timeSpentInSeconds"] == 4.5
    assert given["workerId"].startswith("private.us-east-1.")
    identity = given["workerMetadata"]["identityData"]
    assert identity["issuer"].endswith("/us-east-1_desk")
    assert desk.control("tasks", workteam=team)["tasks"] == []


def test_a_worker_answers_once_and_sees_what_is_left(desk, team):
    tasks = begun(desk, team, texts=TEXTS[:2], workers=2)
    answer(desk, tasks[0], "ana", "cross")
    seen = desk.control("tasks", workteam="desk", worker="ana")["tasks"]
    assert [one["task"] for one in seen] == ["moods-1"]
    with pytest.raises(DaemonError, match="ana has answered this task already"):
        answer(desk, tasks[0], "ana", "glad")
    with pytest.raises(DaemonError, match="calm, cross, glad"):
        answer(desk, tasks[1], "ana", "furious")
    with pytest.raises(DaemonError, match="time limit"):
        answer(desk, tasks[1], "ana", "cross", seconds=301)
    with pytest.raises(DaemonError, match="no open task"):
        desk.control("answers", task="x", worker="ana", answer={"a": 1})
    with pytest.raises(DaemonError, match="must be an object"):
        desk.control("answers", task="moods-1", worker="ana", answer="cross")
    with pytest.raises(DaemonError, match="worker must be a string"):
        desk.control("answers", task="moods-1", answer={"a": 1})
    with pytest.raises(DaemonError, match="nobody"):
        desk.control("tasks", workteam="nobody")
    assert answer(desk, tasks[1], "ana", "cross") == 0


def test_a_stopped_job_keeps_what_is_labelled(desk, team):
    tasks = begun(desk, team, workers=2)
    for worker in ("ana", "bo"):
        answer(desk, tasks[1], worker, "cross")
    answer(desk, tasks[2], "ana", "glad")
    desk.sagemaker.stop_labeling_job(LabelingJobName="moods")
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert ["mood" in line for line in manifest(job)] == [False, True, False]
    assert (
        job["LabelCounters"]["HumanLabeled"],
        job["LabelCounters"]["Unlabeled"],
    ) == (
        1,
        2,
    )
    with pytest.raises(DaemonError, match="no open task"):
        answer(desk, tasks[0], "ana", "glad")
    with pytest.raises(ClientError, match="in status Stopped"):
        desk.sagemaker.stop_labeling_job(LabelingJobName="moods")


def test_tasks_that_nobody_takes_expire_as_the_clock_moves(desk, team, endpoint):
    tasks = begun(desk, team, TaskAvailabilityLifetimeInSeconds=600)
    answer(desk, tasks[0], "ana", "cross")
    endpoint.control("POST", "clock", {"seconds": 700})
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Completed"
    first, second, _ = manifest(job)
    assert first["mood-metadata"]["class-name"] == "cross"
    assert "no worker worked on the object" in second["mood-metadata"]["failure-reason"]
    assert job["LabelCounters"]["FailedNonRetryableError"] == 2


def test_who_only_polls_reaches_the_end(desk, team):
    begun(desk, team, TaskAvailabilityLifetimeInSeconds=60)
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Failed"
    assert "expired" in job["FailureReason"]


def test_jobs_of_a_team_are_listed_in_their_order(desk, team):
    for name in ("one", "two"):
        begun(desk, team, name=name)
    asked = {"WorkteamArn": team, "SortOrder": "Ascending", "MaxResults": 1}
    page = desk.sagemaker.list_labeling_jobs_for_workteam(**asked)
    (one,) = page["LabelingJobSummaryList"]
    assert (one["LabelingJobName"], one["WorkRequesterAccountId"]) == (
        "one",
        "123456789012",
    )
    page = desk.sagemaker.list_labeling_jobs_for_workteam(
        **asked, NextToken=page["NextToken"]
    )
    (two,) = page["LabelingJobSummaryList"]
    found = desk.sagemaker.list_labeling_jobs_for_workteam(
        WorkteamArn=team, JobReferenceCodeContains=two["JobReferenceCode"]
    )
    assert [x["LabelingJobName"] for x in found["LabelingJobSummaryList"]] == ["two"]
    with pytest.raises(ClientError, match="private-crowd/other"):
        desk.sagemaker.list_labeling_jobs_for_workteam(
            WorkteamArn=team.replace("/desk", "/other")
        )


def test_people_fill_in_pages_that_the_crowd_cannot(desk, team):
    page = "<crowd-form><crowd-text-area name='why'></crowd-text-area></crowd-form>"
    (task,) = begun(
        desk, team, TEXTS[:1], name="why", kind="PassThrough", template=page
    )
    assert task["input"] == {"source": "so late"}
    for worker in ("ana", "bo", "cy"):
        said = {"why": f"{worker} thinks so"}
        desk.control("answers", task=task["task"], worker=worker, answer=said)
    (line,) = manifest(desk.ended("why"))
    found = [
        json.loads(one["annotationData"]["content"])["why"]
        for one in line["mood"]["annotationsFromAllWorkers"]
    ]
    assert found == ["ana thinks so", "bo thinks so", "cy thinks so"]


def test_a_page_shows_an_object_that_a_browser_can_read(desk, team, bucket):
    uri = put("sky.png", b"a picture")
    given = desk.asked(
        [{"source-ref": uri}], team=team, kind="ImageMultiClass", template=IMAGE
    )
    desk.sagemaker.create_labeling_job(**given)
    end = time.monotonic() + 60
    while not (found := desk.control("tasks", workteam="desk")["tasks"]):
        assert time.monotonic() < end
    page = found[0]["html"].replace("&amp;", "&")
    url = page.partition('src="')[2].partition('"')[0]
    with urllib.request.urlopen(url) as answered:
        assert answered.read() == b"a picture"
    assert found[0]["object"] == {"source-ref": uri}
