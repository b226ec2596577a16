"""All that a session can see of an endpoint, to be compared before and after."""

from typing import Any

from tests.localaws.faults.session import BUCKET, FLYING, GROUP, Session
from tests.localaws.sagemaker import hosted, pipelining


def seen(session: Session) -> dict[str, Any]:
    """Return what the session's steps so far have left, by what was asked."""
    done = set(session.taken)
    found: dict[str, Any] = {}
    for step, look in _LOOKS.items():
        if step in done:
            found |= look(session)
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """Leave out what tells of the answer itself."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k != "ResponseMetadata"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _identities(one: Session) -> dict[str, Any]:
    return {
        "roles": one.iam.list_roles(),
        "users": one.iam.list_users(),
        "keys": one.iam.list_access_keys(UserName="ann"),
        "policy": one.iam.get_role_policy(RoleName="work", PolicyName="none"),
    }


def _objects(one: Session) -> dict[str, Any]:
    found = {"buckets": one.s3.list_buckets()["Buckets"]}
    for bucket in (BUCKET, "versions"):
        listed = one.s3.list_object_versions(Bucket=bucket)
        for kind in ("Versions", "DeleteMarkers"):
            versions = [
                v for v in listed.get(kind, []) if not v["Key"].startswith(FLYING)
            ]
            found[f"{bucket} {kind}"] = versions
        for version in found[f"{bucket} Versions"]:
            name = {"Bucket": bucket, "Key": version["Key"]}
            if version["VersionId"] != "null":
                name["VersionId"] = version["VersionId"]
            body = one.s3.get_object(**name)["Body"].read()
            found[f"body {sorted(name.items())}"] = body
    tags = one.s3.get_object_tagging(Bucket=BUCKET, Key="a b")
    return found | {"object tags": tags["TagSet"]}


def _parts(one: Session) -> dict[str, Any]:
    return {"uploads": one.s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]}


def _messages(one: Session) -> dict[str, Any]:
    attributes = one.sqs.get_queue_attributes(
        QueueUrl=one.queue, AttributeNames=["All"]
    )
    return {"queues": one.sqs.list_queues(), "queue": attributes["Attributes"]}


def _rules(one: Session) -> dict[str, Any]:
    return {
        "rules": one.events.list_rules(),
        "targets": one.events.list_targets_by_rule(Rule="desk"),
    }


def _metrics(one: Session) -> dict[str, Any]:
    return {
        "groups": one.logs.describe_log_groups(logGroupNamePrefix="/desk"),
        "alarms": one.cloudwatch.describe_alarms()["MetricAlarms"],
    }


def _features(one: Session) -> dict[str, Any]:
    group = {"FeatureGroupName": GROUP}
    listed = one.records.list_records(**group, IncludeSoftDeletedRecords=True)
    names = [n for n in listed["RecordIdentifiers"] if not n.startswith(FLYING)]
    records = {
        name: one.records.get_record(**group, RecordIdentifierValueAsString=name)
        for name in names
    }
    return {
        "feature group": one.sagemaker.describe_feature_group(**group),
        "records": records,
    }


def _packages(one: Session) -> dict[str, Any]:
    listed = one.sagemaker.list_model_packages(ModelPackageGroupName="delays")
    return {
        f"package {found['ModelPackageArn']}": one.sagemaker.describe_model_package(
            ModelPackageName=found["ModelPackageArn"]
        )
        for found in listed["ModelPackageSummaryList"]
    }


def job(one: Session, name: str) -> dict[str, Any]:
    """Return the description of a training job."""
    return one.sagemaker.describe_training_job(TrainingJobName=name)


def _model(one: Session) -> dict[str, Any]:
    configs = one.sagemaker.list_endpoint_configs()["EndpointConfigs"]
    return {
        "model": one.sagemaker.describe_model(ModelName="m"),
        "configs": [
            found
            for found in configs
            if not found["EndpointConfigName"].startswith(FLYING)
        ],
    }


def _endpoint(one: Session) -> dict[str, Any]:
    return {
        "endpoint": one.sagemaker.describe_endpoint(EndpointName="m"),
        "answer": hosted.ask("m"),
    }


def _pipeline(one: Session) -> dict[str, Any]:
    return {
        "pipeline": one.sagemaker.describe_pipeline(PipelineName="desk"),
        "execution": one.sagemaker.describe_pipeline_execution(
            PipelineExecutionArn=one.execution
        ),
        "steps": pipelining.steps(one.execution),
    }


def _tags(one: Session) -> dict[str, Any]:
    arn = one.sagemaker.describe_model(ModelName="m")["ModelArn"]
    return {"tags": one.sagemaker.list_tags(ResourceArn=arn)}


def _lineage(one: Session) -> dict[str, Any]:
    return {
        "artifacts": one.sagemaker.list_artifacts(MaxResults=100),
        "associations": one.sagemaker.list_associations(MaxResults=100),
    }


_LOOKS = {
    "identities": _identities,
    "objects": _objects,
    "parts": _parts,
    "messages": _messages,
    "rules": _rules,
    "metrics": _metrics,
    "features": _features,
    "packages": _packages,
    "train": lambda one: {"short": job(one, "short")},
    "model": _model,
    "endpoint": _endpoint,
    "train_on": lambda one: {"endless": job(one, "endless")},
    "pipeline": _pipeline,
    "tags": _tags,
    "lineage": _lineage,
}
