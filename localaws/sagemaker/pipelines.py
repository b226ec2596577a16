"""Pipelines and their versions."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError, NotFound, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import listed
from localaws.sagemaker.idempotency import once
from localaws.sagemaker.pipeline_definition import parse
from localaws.sagemaker.roles import check_role
from localaws.store import operation, page
from localaws.wire import project

RUNNING = ("Executing", "Stopping")
_KEPT = ("PipelineDisplayName", "PipelineDescription", "ParallelismConfiguration")
Members = dict[str, Any]


@once
def create_pipeline(engine: Engine, request: Members) -> Members:
    """Check the definition and the role, and store the pipeline."""
    definition = _definition(engine, request)
    if definition is None:
        raise ValidationError(
            "Either PipelineDefinition or PipelineDefinitionS3Location is needed."
        )
    check_role(engine.aws, request["RoleArn"])
    kept = {name: request[name] for name in (*_KEPT, "Tags") if name in request}
    document = engine.store.create(
        "Pipeline",
        {
            "PipelineDisplayName": request["PipelineName"],
            **kept,
            "PipelineName": request["PipelineName"],
            "RoleArn": request["RoleArn"],
            "PipelineDefinition": definition,
        },
        PipelineStatus="Active",
        _versions=[],
    )
    _add_version(engine, document)
    return {"PipelineArn": document["PipelineArn"]}


def update_pipeline(engine: Engine, request: Members) -> Members:
    """Change a pipeline; another definition is another version of it."""
    document = engine.store.find("Pipeline", request["PipelineName"])
    definition = _definition(engine, request)
    if "RoleArn" in request:
        check_role(engine.aws, request["RoleArn"])
    members = {n: request[n] for n in (*_KEPT, "RoleArn") if n in request}
    with engine.store.lock:
        if definition is not None:
            members["PipelineDefinition"] = definition
        engine.store.change(document, **members)
        version = _add_version(engine, document)
    return {"PipelineArn": document["PipelineArn"], "PipelineVersionId": version}


def describe_pipeline(engine: Engine, request: Members) -> Members:
    """Return a pipeline, or one of its versions."""
    document = engine.store.find("Pipeline", request["PipelineName"])
    found = dict(document)
    if "PipelineVersionId" in request:
        found |= version_of(document, request["PipelineVersionId"])
    return project(operation("DescribePipeline").output_shape, found)


@once
def delete_pipeline(engine: Engine, request: Members) -> Members:
    """Remove a pipeline and its executions, if none of them runs."""
    document = engine.store.find("Pipeline", request["PipelineName"])
    with engine.store.lock:
        executions = executions_of(engine, document)
        for execution in executions:
            if execution["PipelineExecutionStatus"] in RUNNING:
                raise AwsError(
                    "ConflictException",
                    f"Pipeline {document['PipelineArn']} has the running execution "
                    f"{execution['PipelineExecutionArn']}; stop it first.",
                )
        for execution in executions:
            arn = execution["PipelineExecutionArn"]
            engine.store.delete("PipelineExecution", arn)
        engine.store.delete("Pipeline", request["PipelineName"])
    return {"PipelineArn": document["PipelineArn"]}


def list_pipeline_versions(engine: Engine, request: Members) -> Members:
    """Return the versions of a pipeline, newest first unless asked otherwise."""
    document = engine.store.find("Pipeline", request["PipelineName"])
    output = operation("ListPipelineVersions").output_shape
    shape = output.members["PipelineVersionSummaries"].member
    after = request.get("CreatedAfter", float("-inf"))
    before = request.get("CreatedBefore", float("inf"))
    with engine.store.lock:
        found = [
            project(shape, document | version)
            for version in document["_versions"]
            if after < version["CreationTime"].timestamp() < before
        ]
    if request.get("SortOrder") != "Ascending":
        found.reverse()
    return page("PipelineVersionSummaries", found, request)


def update_pipeline_version(engine: Engine, request: Members) -> Members:
    """Name or describe a version of a pipeline."""
    document = engine.store.find("Pipeline", request["PipelineArn"])
    identifier = request["PipelineVersionId"]
    with engine.store.lock:
        version = version_of(document, identifier)
        for name in ("PipelineVersionDisplayName", "PipelineVersionDescription"):
            if name in request:
                version[name] = request[name]
        engine.store.save(document)
    return {"PipelineArn": document["PipelineArn"], "PipelineVersionId": identifier}


def version_of(document: Members, identifier: int) -> Members:
    """Return a version of a pipeline.

    Raises:
        NotFound: There is none of that id.
    """
    for version in document["_versions"]:
        if version["PipelineVersionId"] == identifier:
            return version
    raise NotFound(f"Pipeline '{document['PipelineArn']}' has no version {identifier}.")


def executions_of(engine: Engine, document: Members) -> list[Members]:
    """Return the executions of a pipeline, oldest first."""
    return [
        execution
        for execution in engine.store.documents("PipelineExecution")
        if execution["PipelineArn"] == document["PipelineArn"]
    ]


def _definition(engine: Engine, request: Members) -> str | None:
    """Return the definition that a request holds or names, checked."""
    text, place = (
        request.get(f"PipelineDefinition{end}") for end in ("", "S3Location")
    )
    if text is not None and place:
        raise ValidationError(
            "PipelineDefinition and PipelineDefinitionS3Location exclude each other."
        )
    if place:
        where = {"Bucket": place["Bucket"], "Key": place["ObjectKey"]}
        if "VersionId" in place:
            where["VersionId"] = place["VersionId"]
        try:
            body = engine.aws.client("s3").get_object(**where)["Body"].read()
            text = body.decode()
        except (ClientError, UnicodeDecodeError) as error:
            raise ValidationError(
                "Unable to read the pipeline definition from "
                f"s3://{place['Bucket']}/{place['ObjectKey']}: {error}"
            ) from error
    if text is not None:
        parse(text)
    return text


def _add_version(engine: Engine, document: Members) -> int:
    with engine.store.lock:
        versions = document["_versions"]
        last = versions[-1] if versions else {}
        if last.get("PipelineDefinition") != document["PipelineDefinition"]:
            versions.append(
                {
                    "PipelineVersionId": len(versions) + 1,
                    "PipelineDefinition": document["PipelineDefinition"],
                    "CreationTime": engine.clock.now(),
                }
            )
            engine.store.save(document)
        return len(versions)


HANDLERS = {
    "CreatePipeline": create_pipeline,
    "UpdatePipeline": update_pipeline,
    "DescribePipeline": describe_pipeline,
    "ListPipelines": listed("Pipeline"),
    "DeletePipeline": delete_pipeline,
    "ListPipelineVersions": list_pipeline_versions,
    "UpdatePipelineVersion": update_pipeline_version,
}
