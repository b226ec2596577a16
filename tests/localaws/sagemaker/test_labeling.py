"""Labeling jobs of the public workforce, whose workers are simulated."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.labelled import (
    BUCKET,
    IMAGE,
    MOODS,
    PUBLIC,
    Desk,
    keys,
    letters,
    manifest,
    put,
    read,
)

NAME = "mood-metadata"


@pytest.fixture
def desk(endpoint, role, bucket):
    return Desk(endpoint, role)


def test_texts_get_a_label_that_their_workers_agree_on(desk):
    truth = letters(30)
    desk.tell(truth, seed=3)
    lines = [{"source": text, "page": n} for n, text in enumerate(truth)]
    job = desk.label(lines, workers=4)
    assert job["LabelingJobStatus"] == "Completed"
    assert job["LabelCounters"] == {
        "TotalLabeled": 30,
        "HumanLabeled": 30,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    found = manifest(job)
    assert [{k: line[k] for k in ("source", "page")} for line in found] == lines
    first = found[0]
    assert first[NAME].pop("creation-date").startswith("2026-01-05T08:")
    assert 0.3 < first[NAME].pop("confidence") <= 1
    assert first[NAME] == {
        "class-name": MOODS[first["mood"]],
        "type": "groundtruth/text-classification",
        "job-name": "labeling-job/moods",
        "human-annotated": "yes",
    }
    right = [MOODS[line["mood"]] == truth[line["source"]] for line in found]
    sure = [line[NAME]["confidence"] > 0.9 for line in found[1:]]
    assert sum(right) >= 27
    assert sum(sure) > 15
    single = [
        one[0] == truth[line["source"]]
        for one, line in zip(votes(job), lines, strict=True)
    ]
    assert sum(single) < sum(right)


def votes(job):
    """Return what each worker said of each object of a job of one batch."""
    folder = f"out/{job['LabelingJobName']}/annotations/consolidated-annotation/"
    (key,) = keys(f"{folder}consolidation-request/")
    asked = json.loads(read(f"s3://{BUCKET}/{folder}consolidation-request/{key}"))
    return [
        [
            json.loads(a["annotationData"]["content"])["mood"]["label"]
            for a in annotations
        ]
        for annotations in (one["annotations"] for one in asked)
    ]


def test_the_folder_holds_every_answer_and_each_step(desk):
    desk.tell({"late again": "cross"})
    job = desk.label([{"source": "late again"}], workers=1)
    folder = "out/moods/"
    stamped = [key for key in keys(folder) if "iteration-1" in key]
    assert sorted(set(keys(folder)) - set(stamped)) == [
        "annotations/intermediate/1/output.manifest",
        "manifests/intermediate/1/output.manifest",
        "manifests/output/output.manifest",
    ]
    request, response, answer = sorted(stamped)
    assert request.startswith(
        "annotations/consolidated-annotation/consolidation-request/iteration-1/2026-"
    )
    assert answer.startswith("annotations/worker-response/iteration-1/0/2026-01-05_08:")
    (given,) = json.loads(read(f"s3://{BUCKET}/{folder}{answer}"))["answers"]
    assert given["workerId"].startswith("public.us-east-1.A")
    assert given["acceptanceTime"] < given["submissionTime"]
    (asked,) = json.loads(read(f"s3://{BUCKET}/{folder}{request}"))
    assert asked == {
        "datasetObjectId": "0",
        "dataObject": {"content": "late again"},
        "annotations": [
            {
                "workerId": given["workerId"],
                "annotationData": {"content": json.dumps(given["answerContent"])},
            }
        ],
    }
    (said,) = json.loads(read(f"s3://{BUCKET}/{folder}{response}"))
    assert said["consolidatedAnnotation"]["content"]["mood"] in (0, 1, 2)
    assert manifest(job)[0][NAME]["confidence"] == 0.0


def test_images_may_have_several_labels(desk):
    truth = {
        f"image {n}".encode(): [["cat"], ["cat", "dog"], []][n % 3] for n in range(9)
    }
    desk.tell(truth)
    lines = [{"source-ref": put(f"image/{n}", body)} for n, body in enumerate(truth)]
    template = IMAGE.replace(
        "crowd-image-classifier", "crowd-image-classifier-multi-select"
    )
    job = desk.label(
        lines,
        kind="ImageMultiClassMultiLabel",
        template=template,
        labels=("cat", "dog"),
    )
    found = manifest(job)
    one = found[1][NAME]
    assert one["type"] == "groundtruth/image-classification-multilabel"
    assert one["class-map"] == {str(n): ("cat", "dog")[n] for n in found[1]["mood"]}
    assert set(one["confidence-map"]) == set(one["class-map"])
    assert 0 in found[1]["mood"]
    sure = [
        {int(n) for n, share in line[NAME]["confidence-map"].items() if share > 0.5}
        for line in found
    ]
    wanted = [
        {("cat", "dog").index(name) for name in names} for names in truth.values()
    ]
    assert sum(a == b for a, b in zip(sure, wanted, strict=True)) >= 7


def test_a_bill_names_objects_and_workers(desk, endpoint):
    desk.tell({"fine": "glad", "bad": "cross"})
    desk.label([{"source": "fine"}, {"source": "bad"}], workers=3)
    lines = {line["usage"]: line for line in endpoint.control("GET", "bill")["lines"]}
    objects = lines["Ground Truth, labelled objects (the first 50,000 of a month)"]
    assert (objects["quantity"], objects["cost"], objects["resource"]) == (
        2,
        0.16,
        "moods",
    )
    assert lines["Ground Truth, tasks of public workers"]["cost"] == pytest.approx(
        0.072
    )


def test_logs_metrics_and_events_tell_of_a_job(desk):
    boto3.client("sqs").create_queue(QueueName="ends")
    queue = boto3.client("sqs").get_queue_url(QueueName="ends")["QueueUrl"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Ground Truth Labeling Job State Change"],
    }
    events = boto3.client("events")
    events.put_rule(Name="ends", EventPattern=json.dumps(pattern))
    arn = "arn:aws:sqs:us-east-1:123456789012:ends"
    events.put_targets(Rule="ends", Targets=[{"Id": "1", "Arn": arn}])
    desk.tell({"fine": "glad"})
    desk.label([{"source": "fine"}, {"source": "untold"}])
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"LabelingJobStatus": "Completed"}
    logs = boto3.client("logs").get_log_events(
        logGroupName="/aws/sagemaker/LabelingJobs", logStreamName="moods"
    )["events"]
    told = [json.loads(one["message"]) for one in logs]
    assert [one["event-name"] for one in told] == [
        "LABELING_JOB_STARTED",
        "DATASET_OBJECT_FAILED",
        "LABELING_JOB_COMPLETED",
    ]
    assert "simulated" in told[0]["event-log-message"]
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="DatasetObjectsHumanAnnotated",
        Dimensions=[{"Name": "LabelingJobName", "Value": "moods"}],
        StartTime="2026-01-05T00:00:00Z",
        EndTime="2026-01-06T00:00:00Z",
        Period=86400,
        Statistics=["Maximum"],
    )
    assert found["Datapoints"][0]["Maximum"] == 1.0


def test_what_nobody_told_fails_with_the_reason(desk):
    desk.tell({"fine": "glad", "odd": "purple"})
    gone = f"s3://{BUCKET}/nothing-here.txt"
    job = desk.label([{"source": "fine"}, {"source": "odd"}, {"source-ref": gone}])
    assert job["LabelingJobStatus"] == "Completed"
    assert job["LabelCounters"]["FailedNonRetryableError"] == 2
    fine, odd, missing = manifest(job)
    assert "mood" in fine
    assert "mood" not in odd
    assert "purple, is none of the categories" in odd[NAME]["failure-reason"]
    assert "NoSuchKey" in missing[NAME]["failure-reason"]
    nobody = desk.label([{"source": "untold"}], name="nobody")
    assert nobody["LabelingJobStatus"] == "Failed"
    assert "do not guess" in nobody["FailureReason"]


def test_a_job_stops_at_the_number_that_it_was_given(desk):
    truth = letters(8)
    desk.tell(truth)
    given = desk.asked([{"source": text} for text in truth], MaxConcurrentTaskCount=2)
    given["StoppingConditions"] = {"MaxHumanLabeledObjectCount": 3}
    given["Tags"] = [{"Key": "case", "Value": "letters"}]
    arn = desk.sagemaker.create_labeling_job(**given)["LabelingJobArn"]
    assert desk.sagemaker.list_tags(ResourceArn=arn)["Tags"] == given["Tags"]
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Stopped"
    counters = job["LabelCounters"]
    assert (counters["HumanLabeled"], counters["Unlabeled"]) == (3, 5)
    assert ["mood" in line for line in manifest(job)] == [True] * 3 + [False] * 5
    share = desk.asked([{"source": text} for text in truth], name="share")
    share["StoppingConditions"] = {"MaxPercentageOfInputDatasetLabeled": 50}
    desk.sagemaker.create_labeling_job(**share)
    assert desk.ended("share")["LabelCounters"]["HumanLabeled"] == 4


def test_fewer_workers_than_asked_for_answer_until_the_tasks_expire(desk):
    desk.tell({"fine": "glad"}, workers=2, careless=0.0)
    job = desk.label(
        [{"source": "fine"}], workers=4, TaskAvailabilityLifetimeInSeconds=3600
    )
    assert job["LabelingJobStatus"] == "Completed"
    assert len(votes(job)[0]) == 2
    lasted = job["LastModifiedTime"] - job["CreationTime"]
    assert 3600 <= lasted.total_seconds() < 3800
    desk.tell({}, workers=0)
    empty = desk.label([{"source": "fine"}], name="empty")
    assert "Annotation tasks expired" in empty["FailureReason"]


def test_jobs_are_listed_by_their_filters(desk):
    desk.tell({"fine": "glad"})
    for name in ("first", "second"):
        desk.label([{"source": "fine"}], name=name)
    desk.label(["{"], name="third")
    listed = desk.sagemaker.list_labeling_jobs(StatusEquals="Completed")
    names = [one["LabelingJobName"] for one in listed["LabelingJobSummaryList"]]
    assert names == ["first", "second"]
    (one,) = desk.sagemaker.list_labeling_jobs(NameContains="hir")[
        "LabelingJobSummaryList"
    ]
    assert (one["LabelingJobStatus"], one["WorkteamArn"]) == ("Failed", PUBLIC)
    assert "Line 1" in one["FailureReason"]


def test_the_output_is_the_input_of_the_next_job(desk):
    desk.tell({"fine": "glad"})
    first = desk.label([{"source": "fine"}])
    given = desk.asked([], name="again")
    given["LabelAttributeName"] = "second"
    uri = first["LabelingJobOutput"]["OutputDatasetS3Uri"]
    given["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = uri
    desk.sagemaker.create_labeling_job(**given)
    (line,) = manifest(desk.ended("again"))
    assert list(line) == ["source", "mood", NAME, "second", "second-metadata"]


def test_a_name_is_taken_once_and_unknown_ones_are_not_found(desk):
    desk.tell({"fine": "glad"})
    desk.label([{"source": "fine"}])
    with pytest.raises(ClientError, match="ResourceInUse"):
        desk.label([{"source": "fine"}])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        desk.sagemaker.describe_labeling_job(LabelingJobName="nobody")
    with pytest.raises(ClientError, match="status Completed"):
        desk.sagemaker.stop_labeling_job(LabelingJobName="moods")
