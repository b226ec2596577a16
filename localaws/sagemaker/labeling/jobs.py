"""Labeling jobs: CreateLabelingJob and what follows it."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere, ValidationError
from localaws.labelling.forms import Field, fields
from localaws.limits import limit
from localaws.paging import cut, place
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.job_run import STORING
from localaws.sagemaker.labeling.kinds import CUSTOM, PASS, Kind, kind
from localaws.sagemaker.labeling.run import LabelingRun
from localaws.sagemaker.labeling.templates import check
from localaws.sagemaker.roles import check_role
from localaws.sagemaker.transfer import split
from localaws.store import Document

Members = dict[str, Any]
_PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
_VENDOR = ":workteam/vendor-crowd/"
_POLLED = 30.0
_STORING_SECONDS = 60.0
_RUNNING = ("Initializing", "InProgress", "Stopping")


def create_labeling_job(engine: Engine, request: Members) -> Members:
    """Check, store and start a job."""
    asked = request["HumanTaskConfig"]
    team = asked["WorkteamArn"]
    public = _check_team(engine, team, asked)
    after = _check_kinds(request)
    _check_name(request["LabelAttributeName"])
    for uri in (
        request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"],
        request["OutputConfig"]["S3OutputPath"],
        *filter(None, [request.get("LabelCategoryConfigS3Uri")]),
    ):
        split(uri)
    check_role(engine.aws, request["RoleArn"])
    _check_answers(after, _check_template(engine, asked["UiConfig"], public))
    given = {
        "MaxConcurrentTaskCount": int(limit("groundtruth", "concurrent_tasks")),
        "TaskAvailabilityLifetimeInSeconds": _lifetime(public, "default"),
        **asked,
    }
    consolidation = asked.get("AnnotationConsolidationConfig", {})
    document = engine.store.create(
        "LabelingJob",
        {**request, "HumanTaskConfig": given},
        LabelingJobStatus="Initializing",
        LabelCounters=dict.fromkeys(
            (
                "TotalLabeled",
                "HumanLabeled",
                "MachineLabeled",
                "FailedNonRetryableError",
                "Unlabeled",
            ),
            0,
        ),
        JobReferenceCode=f"{engine.clock.count('labeling-job'):020x}",
        WorkteamArn=team,
        PreHumanTaskLambdaArn=asked.get("PreHumanTaskLambdaArn"),
        AnnotationConsolidationLambdaArn=consolidation.get(
            "AnnotationConsolidationLambdaArn"
        ),
    )
    begin(engine, document)
    return {"LabelingJobArn": document["LabelingJobArn"]}


def begin(engine: Engine, document: Document, again: bool = False) -> None:
    """Run a job beside the request; `again` is that of `LabelingRun`."""
    run = LabelingRun(engine, document, again)
    engine.register(document["LabelingJobArn"], run)
    engine.submit(run)


def resume(engine: Engine) -> None:
    """Take up the jobs that ran when the endpoint was killed, from their start.

    The crowd gives the same answers again, and those of people were kept.
    """
    for document in engine.store.documents("LabelingJob"):
        if document["LabelingJobStatus"] in _RUNNING:
            begin(engine, document, again=True)


def _lifetime(public: bool, which: str) -> int:
    kind = "public" if public else "private"
    return int(limit("groundtruth", f"{kind}_lifetime_{which}"))


def _check_team(engine: Engine, team: str, asked: Members) -> bool:
    """Return whether a work team is the public crowd."""
    if _VENDOR in team:
        raise NotImplementedHere(
            f"sagemaker:CreateLabelingJob HumanTaskConfig.WorkteamArn={team}",
            "sends the tasks to a vendor of the AWS Marketplace",
        )
    public = team == _PUBLIC
    if not public and ":workteam/public-crowd/" in team:
        raise ValidationError(
            f"The public work team of us-east-1 is {_PUBLIC}; found {team}."
        )
    if not public:
        engine.store.find("Workteam", team)
    elif "PublicWorkforceTaskPrice" not in asked:
        raise ValidationError(
            "PublicWorkforceTaskPrice is required with the public workforce."
        )
    if not public and "PublicWorkforceTaskPrice" in asked:
        raise ValidationError(
            "PublicWorkforceTaskPrice is only for the public workforce."
        )
    most = _lifetime(public, "most")
    seconds = asked.get("TaskAvailabilityLifetimeInSeconds", 0)
    if seconds > most:
        raise ValidationError(
            f"TaskAvailabilityLifetimeInSeconds is at most {most} for this workforce; "
            f"found {seconds}."
        )
    longest = int(limit("groundtruth", "task_seconds"))
    if asked["TaskTimeLimitInSeconds"] > longest:
        raise ValidationError(
            f"TaskTimeLimitInSeconds is at most {longest}; "
            f"found {asked['TaskTimeLimitInSeconds']}."
        )
    return public


def _check_kinds(request: Members) -> Kind:
    """Return the task type of a job's ACS function."""
    asked = request["HumanTaskConfig"]
    config = asked.get("AnnotationConsolidationConfig", {})
    member = "HumanTaskConfig.PreHumanTaskLambdaArn"
    before = kind(asked.get("PreHumanTaskLambdaArn"), "PRE", member)
    member = "AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"
    after = kind(config.get("AnnotationConsolidationLambdaArn"), "ACS", member)
    free = (CUSTOM, PASS)
    if before is not after and not (before in free and after in free):
        raise ValidationError(
            f"PreHumanTaskLambdaArn is of the task type {before.name}, and "
            f"AnnotationConsolidationLambdaArn of {after.name}: they must be the same."
        )
    if after not in free and "LabelCategoryConfigS3Uri" not in request:
        raise ValidationError(
            f"LabelCategoryConfigS3Uri is required for the task type {after.name}."
        )
    return after


def _check_name(name: str) -> None:
    for end in ("-metadata", "-ref"):
        if name.endswith(end):
            raise ValidationError(
                f"LabelAttributeName of this task type must not end with {end!r}; "
                f"found {name!r}."
            )


def _check_answers(after: Kind, asks: list[Field]) -> None:
    """AWS's functions read what a classifier submits, of one label or of several."""
    if after in (CUSTOM, PASS):
        return
    if not any(one.classifies and one.multiple == after.multiple for one in asks):
        wanted = "multi-select classifier" if after.multiple else "classifier"
        raise ValidationError(
            f"The UI template of the task type {after.name} needs a {wanted}; "
            f"found {', '.join(one.element for one in asks)}."
        )


def _check_template(engine: Engine, config: Members, public: bool) -> list[Field]:
    """Refuse a template that cannot be read, or that nobody here can fill in."""
    uri = config.get("UiTemplateS3Uri")
    if not uri:
        raise ValidationError("UiConfig needs a UiTemplateS3Uri for this task type.")
    bucket, key = split(uri)
    try:
        body = engine.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    except ClientError as error:
        found = error.response["Error"]["Code"]
        raise ValidationError(f"Cannot read the UI template {uri}: {found}.") from error
    text = body.read().decode()
    check(text)
    asked = fields(text)
    if not asked:
        raise ValidationError(f"The UI template {uri} has no element for an answer.")
    unknown = [one.element for one in asked if not one.known]
    if public and (unknown or len(asked) > 1):
        shown = ", ".join(one.element for one in asked)
        raise NotImplementedHere(
            f"sagemaker:CreateLabelingJob by the public workforce with {shown} in the "
            "UI template (simulated workers fill in one classifier)",
            "shows the page to people, who can do what it asks",
        )
    return asked


def describe_labeling_job(engine: Engine, request: Members) -> Members:
    """Answer with the job; who polls for people's answers waits."""
    document = engine.store.find("LabelingJob", request["LabelingJobName"])
    private = document["WorkteamArn"] != _PUBLIC
    if private and document["LabelingJobStatus"] == "InProgress":
        engine.clock.tick(_POLLED)
    return described("LabelingJob")(engine, request)


def list_for_workteam(engine: Engine, request: Members) -> Members:
    """List the jobs of a work team."""
    team = request["WorkteamArn"]
    if team != _PUBLIC:
        engine.store.find("Workteam", team)
    code = request.get("JobReferenceCodeContains", "")
    after = float(request.get("CreationTimeAfter", 0))
    before = float(request.get("CreationTimeBefore", "inf"))
    found = [
        (place(document["CreationTime"], document["_name"]), _summary(engine, document))
        for document in engine.store.documents("LabelingJob")
        if document["WorkteamArn"] == team
        and code in document["JobReferenceCode"]
        and after < document["CreationTime"].timestamp() < before
    ]
    descending = request.get("SortOrder", "Descending") == "Descending"
    shown, token = cut(found, request, descending=descending)
    more = {"NextToken": token} if token else {}
    return {"LabelingJobSummaryList": shown, **more}


def _summary(engine: Engine, document: Document) -> Members:
    counters = document["LabelCounters"]
    names = ("LabelingJobName", "JobReferenceCode", "CreationTime")
    workers = document["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"]
    return {
        **{name: document[name] for name in names},
        "WorkRequesterAccountId": engine.store.account,
        "NumberOfHumanWorkersPerDataObject": workers,
        "LabelCounters": {
            "HumanLabeled": counters["HumanLabeled"],
            "PendingHuman": counters["Unlabeled"],
            "Total": sum(
                counters[one]
                for one in ("TotalLabeled", "FailedNonRetryableError", "Unlabeled")
            ),
        },
    }


def stop_labeling_job(engine: Engine, request: Members) -> Members:
    """Stop a job; what is labelled so far is written."""
    document = engine.store.find("LabelingJob", request["LabelingJobName"])
    with engine.store.changed:
        # what stores its results is past stopping: wait for how it ends
        engine.store.changed.wait_for(
            lambda: (
                not document.get(STORING)
                or document["LabelingJobStatus"] not in _RUNNING
            ),
            _STORING_SECONDS,
        )
        status = document["LabelingJobStatus"]
        if status not in ("Initializing", "InProgress"):
            raise ValidationError(
                "The request was rejected because the labeling job is in status "
                f"{status}."
            )
        engine.store.change(document, LabelingJobStatus="Stopping")
    run = engine.process(document["LabelingJobArn"])
    if run:
        run.stop()
    return {}


HANDLERS = {
    "CreateLabelingJob": create_labeling_job,
    "DescribeLabelingJob": describe_labeling_job,
    "ListLabelingJobs": listed("LabelingJob"),
    "ListLabelingJobsForWorkteam": list_for_workteam,
    "StopLabelingJob": stop_labeling_job,
}
