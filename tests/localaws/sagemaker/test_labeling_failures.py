"""What a labeling job refuses, and what makes it fail."""

import re

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.labelled import (
    BUCKET,
    BUILT_IN,
    CLASSIFIER,
    PUBLIC,
    RIGHTS,
    Desk,
    manifest,
    put,
)

LINE = {"source": "fine"}


@pytest.fixture
def desk(endpoint, role, bucket):
    made = Desk(endpoint, role)
    made.tell({"fine": "glad"})
    return made


def reason(desk, *args, **more):
    job = desk.label(*args, **more)
    assert job["LabelingJobStatus"] == "Failed"
    assert "LabelingJobOutput" not in job
    return job["FailureReason"]


def test_a_wrong_line_of_the_manifest_is_named(desk):
    lines = [
        ('{"source": "fine"', "Line 2 of s3://on-time-desk/in/job-0.manifest is not"),
        ('{"text": "fine"}', "Line 2 of .* exactly one of source-ref and source"),
        ('{"source": "a", "source-ref": "s3://a/b"}', "exactly one of source-ref"),
        ('{"source": 3}', "a string"),
        ('["source"]', "exactly one of source-ref"),
        ('{"source": "' + "x" * 100_000 + '"}', "Line 2 .* has 100014 bytes"),
    ]
    for number, (line, said) in enumerate(lines):
        assert re.search(said, reason(desk, [LINE, line], name=f"job-{number}"))


def test_an_empty_manifest_lists_nothing(desk):
    assert "must list 1 to 100000 objects; found 0" in reason(desk, [])


def test_files_that_are_missing_are_named(desk):
    given = desk.asked([LINE])
    given["LabelCategoryConfigS3Uri"] = f"s3://{BUCKET}/in/gone.json"
    desk.sagemaker.create_labeling_job(**given)
    said = desk.ended("moods")["FailureReason"]
    assert "gone.json: NoSuchKey" in said
    given = desk.asked([LINE], name="next")
    source = given["InputConfig"]["DataSource"]["S3DataSource"]
    source["ManifestS3Uri"] = f"s3://{BUCKET}/in/gone.manifest"
    desk.sagemaker.create_labeling_job(**given)
    assert "gone.manifest: NoSuchKey" in desk.ended("next")["FailureReason"]


def test_wrong_categories_are_named(desk):
    bodies = [
        ("{", 'must be JSON with "labels"'),
        ('{"labels": ["glad", "cross"]}', 'must be JSON with "labels"'),
        ('{"labels": [{"label": "glad"}]}', "at least 2 labels"),
        ('{"labels": [{"label": "a"}, {"label": "a"}]}', "each once"),
    ]
    for number, (body, said) in enumerate(bodies):
        given = desk.asked([LINE], name=f"job-{number}")
        given["LabelCategoryConfigS3Uri"] = put("in/wrong.json", body)
        desk.sagemaker.create_labeling_job(**given)
        assert said in desk.ended(f"job-{number}")["FailureReason"]


def without(desk, action):
    """Take one right from the role."""
    kept = [one for one in RIGHTS["Statement"][0]["Action"] if one != action]
    desk.allow({**RIGHTS, "Statement": [{**RIGHTS["Statement"][0], "Action": kept}]})


def test_a_role_without_a_right_is_denied(desk):
    for action in ("s3:GetObject", "s3:PutObject"):
        without(desk, action)
        said = reason(desk, [LINE], name=action.partition(":")[2])
        assert said.startswith(f"ClientError: Access denied: the role {desk.role}")
        assert f"perform: {action} on resource: arn:aws:s3:::{BUCKET}/" in said


def test_an_object_that_the_role_may_not_read_is_not_labelled(desk):
    reads = {**RIGHTS["Statement"][0], "Resource": f"arn:aws:s3:::{BUCKET}/in/*"}
    writes = {**RIGHTS["Statement"][0], "Action": "s3:PutObject"}
    desk.allow({**RIGHTS, "Statement": [reads, writes]})
    letter = put("letters/1.txt", "fine")
    job = desk.label([{"source-ref": letter}, LINE])
    assert job["LabelingJobStatus"] == "Completed"
    denied, fine = manifest(job)
    assert "letters/1.txt" in denied["mood-metadata"]["failure-reason"]
    assert fine["mood-metadata"]["type"] == "groundtruth/text-classification"


def test_a_role_that_sagemaker_may_not_assume_is_refused(desk):
    given = desk.asked([LINE])
    given["RoleArn"] = given["RoleArn"].replace("work", "other")
    with pytest.raises(ClientError, match="Could not assume role"):
        desk.sagemaker.create_labeling_job(**given)


def refused(desk, match, change, code="ValidationException"):
    given = desk.asked([LINE])
    change(given, given["HumanTaskConfig"])
    with pytest.raises(ClientError, match=match) as caught:
        desk.sagemaker.create_labeling_job(**given)
    assert caught.value.response["Error"]["Code"] == code


def test_what_cannot_go_together_is_refused(desk):
    consolidation = "AnnotationConsolidationConfig"
    image = {"AnnotationConsolidationLambdaArn": f"{BUILT_IN}ACS-ImageMultiClass"}
    crowd = PUBLIC.replace("394669845002", "123456789012")
    cases = [
        ("must be the same", lambda g, t: t.update({consolidation: image})),
        (
            "LabelCategoryConfigS3Uri is req",
            lambda g, t: g.pop("LabelCategoryConfigS3Uri"),
        ),
        (
            "PublicWorkforceTaskPrice is req",
            lambda g, t: t.pop("PublicWorkforceTaskPrice"),
        ),
        ("must not end with '-ref'", lambda g, t: g.update(LabelAttributeName="a-ref")),
        ("with '-metadata'", lambda g, t: g.update(LabelAttributeName="a-metadata")),
        ("workteam", lambda g, t: t.update(WorkteamArn=crowd)),
        (
            "at most 43200",
            lambda g, t: t.update(TaskAvailabilityLifetimeInSeconds=43201),
        ),
        ("at most 28800", lambda g, t: t.update(TaskTimeLimitInSeconds=28801)),
        (
            "less than or equal to 9",
            lambda g, t: t.update(NumberOfHumanWorkersPerDataObject=10),
        ),
        ("UiTemplateS3Uri", lambda g, t: t.update(UiConfig={})),
    ]
    for match, change in cases:
        refused(desk, match, change)


def test_templates_that_ask_nothing_or_are_not_liquid_are_refused(desk):
    for body, match in (
        ("{% for x in %}", "Liquid error"),
        ("<crowd-form><p>Read</p></crowd-form>", "no element for an answer"),
    ):
        uri = put("in/wrong.liquid", body)
        refused(
            desk,
            match,
            lambda g, t, uri=uri: t.update(UiConfig={"UiTemplateS3Uri": uri}),
        )
    gone = {"UiTemplateS3Uri": f"s3://{BUCKET}/gone.liquid"}
    refused(desk, "NoSuchKey", lambda g, t: t.update(UiConfig=gone))


def test_what_does_not_act_is_refused_by_name(desk):
    code = "NotImplementedInLocalEndpoint"
    box = {
        "PreHumanTaskLambdaArn": f"{BUILT_IN}PRE-BoundingBox",
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": f"{BUILT_IN}ACS-BoundingBox"
        },
    }
    refused(desk, "PRE-BoundingBox", lambda g, t: t.update(box), code)
    vendor = "arn:aws:sagemaker:us-east-1:123456789012:workteam/vendor-crowd/acme"
    refused(desk, "vendor", lambda g, t: t.update(WorkteamArn=vendor), code)
    learning = {
        "LabelingJobAlgorithmSpecificationArn": "arn:aws:sagemaker:us-east-1:"
        "027400017018:labeling-job-algorithm-specification/text-classification"
    }
    refused(
        desk,
        "active learning",
        lambda g, t: g.update(LabelingJobAlgorithmsConfig=learning),
        code,
    )
    uri = put(
        "in/box.liquid", CLASSIFIER.replace("crowd-classifier", "crowd-bounding-box")
    )
    ui = {"UiConfig": {"UiTemplateS3Uri": uri}}
    refused(desk, "crowd-bounding-box", lambda g, t: t.update(ui), code)


def test_a_template_must_fit_the_task_type(desk):
    several = CLASSIFIER.replace("crowd-classifier", "crowd-classifier-multi-select")
    uri = put("in/several.liquid", several)
    ui = {"UiConfig": {"UiTemplateS3Uri": uri}}
    refused(desk, "needs a classifier", lambda g, t: t.update(ui))
    own = CLASSIFIER.replace("{{ task.input.labels | to_json | escape }}", "%s")
    own = own % "[&#34;glad&#34;, &#34;elated&#34;]"
    desk.tell({}, careless=1.0)
    job = desk.label([LINE], template=own, labels=("glad", "calm"), workers=9)
    assert "elated, which the label category" in job["FailureReason"]


def test_nothing_is_stored_of_what_is_refused(desk):
    refused(desk, "UiTemplateS3Uri", lambda g, t: t.update(UiConfig={}))
    assert desk.sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []
