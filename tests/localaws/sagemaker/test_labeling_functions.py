"""Labeling jobs with Lambda functions of the learner's own."""

import json

import boto3
import pytest

from tests.localaws.sagemaker.labelled import BUILT_IN, Desk, manifest
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role
from tests.localaws.services.functions import logged

PRE = """
import json
def handler(event, context):
    print("pre", json.dumps(event, sort_keys=True))
    line = event["dataObject"]
    if line.get("broken"):
        raise ValueError("cannot read " + line["source"])
    return {
        "taskInput": {"taskObject": line["source"], "labels": ["yes", "no"]},
        "isHumanAnnotationRequired": not line.get("known", False),
    }
"""
ACS = """
import json, boto3
def handler(event, context):
    print("acs", json.dumps({k: event[k] for k in sorted(event) if k != "payload"}))
    bucket, _, key = event["payload"]["s3Uri"][5:].partition("/")
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    found = []
    for one in json.load(body):
        said = [json.loads(a["annotationData"]["content"]) for a in one["annotations"]]
        votes = [answer["mood"]["label"] for answer in said]
        if one["dataObject"]["content"] == "forgotten":
            continue
        label = {"yes": votes.count("yes"), "no": votes.count("no")}
        content = {event["labelAttributeName"]: label}
        found.append({
            "datasetObjectId": one["datasetObjectId"],
            "consolidatedAnnotation": {"content": content},
        })
    return found
"""
RAISES = "def handler(event, context):\n    raise RuntimeError('no votes today')\n"


@pytest.fixture
def desk(endpoint, role, bucket):
    return Desk(endpoint, role)


def own(create, pre=PRE, acs=ACS):
    """Make the functions of a job, and return the members that name them."""
    arns = [
        create(code, name=name)["FunctionArn"]
        for name, code in (("pre", pre), ("acs", acs))
    ]
    return {
        "PreHumanTaskLambdaArn": arns[0],
        "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": arns[1]},
    }


def test_functions_are_invoked_and_decide(desk, create):
    desk.tell({"Is it late?": "yes", "forgotten": "no", "broken one": "no"})
    lines = [
        {"source": "Is it late?", "page": 3},
        {"source": "forgotten"},
        {"source": "broken one", "broken": True},
        {"source": "settled", "known": True},
    ]
    job = desk.label(lines, **own(create))
    assert job["LabelingJobStatus"] == "Completed"
    assert job["LabelCounters"]["HumanLabeled"] == 1
    assert job["LabelCounters"]["FailedNonRetryableError"] == 2
    assert job["LabelCounters"]["Unlabeled"] == 1
    late, forgotten, broken, settled = manifest(job)
    assert sum(late["mood"].values()) == 3
    assert late["mood-metadata"]["type"] == "groundtruth/custom"
    assert "returned no mood" in forgotten["mood-metadata"]["failure-reason"]
    assert "cannot read broken one" in broken["mood-metadata"]["failure-reason"]
    assert settled == lines[3]
    first = next(line for line in logged("pre") if line.startswith("pre"))
    assert json.loads(first.removeprefix("pre ")) == {
        "version": "2018-10-16",
        "labelingJobArn": job["LabelingJobArn"],
        "dataObject": lines[0],
    }
    told = next(line for line in logged("acs") if line.startswith("acs"))
    assert json.loads(told.removeprefix("acs ")) == {
        "version": "2018-10-06",
        "labelingJobArn": job["LabelingJobArn"],
        "labelCategories": ["calm", "cross", "glad"],
        "labelAttributeName": "mood",
        "roleArn": desk.role,
        "outputConfig": "s3://on-time-desk/out/moods/annotations",
        "maxHumanWorkersPerDataObject": 3,
    }


def test_a_consolidation_that_raises_fails_the_job(desk, create):
    desk.tell({"Is it late?": "yes"})
    job = desk.label([{"source": "Is it late?"}], **own(create, acs=RAISES))
    assert job["LabelingJobStatus"] == "Failed"
    assert "post-annotation Lambda function" in job["FailureReason"]
    assert "no votes today" in job["FailureReason"]
    assert job["LabelCounters"]["FailedNonRetryableError"] == 1


def test_a_function_that_is_missing_or_denied_is_named(desk, create):
    desk.tell({"Is it late?": "yes"})
    mine = own(create, pre="def handler(event, context):\n    return {}\n")
    job = desk.label([{"source": "Is it late?"}], **mine)
    assert "must return an object with taskInput; found {}" in job["FailureReason"]
    boto3.client("lambda").delete_function(FunctionName="pre")
    job = desk.label([{"source": "Is it late?"}], name="gone", **mine)
    assert "cannot be invoked: ResourceNotFoundException" in job["FailureReason"]
    reads = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    desk.allow({"Version": "2012-10-17", "Statement": [reads]})
    job = desk.label([{"source": "Is it late?"}], name="denied", **mine)
    assert "perform: lambda:InvokeFunction on resource" in job["FailureReason"]


def test_passing_through_keeps_every_annotation(desk):
    desk.tell({"fine": "glad"})
    template = """<crowd-form><crowd-classifier name="mood"
        categories='["calm", "cross", "glad"]'>
        <classification-target>{{ task.input.source }}</classification-target>
        </crowd-classifier></crowd-form>"""
    job = desk.label([{"source": "fine"}], kind="PassThrough", template=template)
    (line,) = manifest(job)
    assert len(line["mood"]["annotationsFromAllWorkers"]) == 3
    one = line["mood"]["annotationsFromAllWorkers"][0]
    assert (
        json.loads(one["annotationData"]["content"])["mood"]["label"]
        in "calm cross glad"
    )
    assert line["mood-metadata"]["type"] == "groundtruth/custom"
    assert BUILT_IN
