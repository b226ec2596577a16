"""Model cards: what a model is for, in versions, and exported as PDF."""

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.card_pdf import pdf
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.transfer import split
from localaws.store import operation, page
from localaws.wire import project

Members = dict[str, Any]
SECTIONS = {
    "model_overview",
    "model_package_details",
    "intended_uses",
    "business_details",
    "training_details",
    "evaluation_details",
    "additional_information",
}
RISKS = ("High", "Medium", "Low", "Unknown")
EXPORTING = 10


def check_content(text: str) -> None:
    """Raise `ValidationError` unless a text is JSON of the model card's schema."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"Model card content is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValidationError("Model card content is not a JSON object.")
    unknown = sorted(content.keys() - SECTIONS)
    if unknown:
        raise ValidationError(
            "Model card content does not fit the model card JSON schema: "
            f"{', '.join(unknown)} is none of {', '.join(sorted(SECTIONS))}."
        )
    for name in sorted(content.keys() - {"evaluation_details"}):
        if not isinstance(content[name], dict):
            raise ValidationError(f"Section {name} of the model card is not an object.")
    if not isinstance(content.get("evaluation_details", []), list):
        raise ValidationError("Section evaluation_details is not a list.")
    risk = content.get("intended_uses", {}).get("risk_rating", "Unknown")
    if risk not in RISKS:
        raise ValidationError(
            f"risk_rating {risk!r} is none of {', '.join(RISKS)} in intended_uses."
        )


def create_model_card(engine: Engine, request: Members) -> Members:
    """Store version 1 of a card."""
    check_content(request["Content"])
    card = engine.store.create(
        "ModelCard", request, ModelCardVersion=1, CreatedBy={}, Versions=[]
    )
    with engine.store.lock:
        card["Versions"].append(_version(card))
        engine.store.save(card)
    return {"ModelCardArn": card["ModelCardArn"]}


def _version(card: Members) -> Members:
    members = operation("DescribeModelCard").output_shape.members
    found = {name: card[name] for name in members if name in card}
    return found | {"CreationTime": card["LastModifiedTime"]}


def describe_model_card(engine: Engine, request: Members) -> Members:
    """Answer with the latest version, or the one asked for."""
    card = engine.store.find("ModelCard", request["ModelCardName"])
    with engine.store.lock:
        found = _find_version(card, request.get("ModelCardVersion"))
        shape = operation("DescribeModelCard").output_shape
        answer = project(shape, found | {"CreationTime": card["CreationTime"]})
    if request.get("IncludedData") == "MetadataOnly":
        answer["Content"] = ""
    return answer


def _find_version(card: Members, version: int | None) -> Members:
    wanted = version or card["ModelCardVersion"]
    for found in card["Versions"]:
        if found["ModelCardVersion"] == wanted:
            return found
    raise AwsError(
        "ResourceNotFound",
        f"Version {version} of {card['ModelCardArn']} does not exist.",
    )


def update_model_card(engine: Engine, request: Members) -> Members:
    """Set the status of the latest version, or make a version of new content."""
    store = engine.store
    card = store.find("ModelCard", request["ModelCardName"])
    given = {"Content", "ModelCardStatus"} & request.keys()
    if len(given) != 1:
        raise ValidationError(
            "Update either Content or ModelCardStatus in one call; found "
            f"{' and '.join(sorted(given)) or 'neither'}."
        )
    if "Content" in request:
        check_content(request["Content"])
    with store.lock:
        if card["ModelCardStatus"] == "Archived":
            raise AwsError(
                "ConflictException",
                f"{card['ModelCardArn']} is Archived; it cannot be updated.",
            )
        change = {name: request[name] for name in given}
        version = card["ModelCardVersion"]
        if "Content" in request:
            change["ModelCardVersion"] = version + 1
        store.change(card, **change, LastModifiedBy={})
        if "Content" in request:
            card["Versions"].append(_version(card))
        else:
            made = card["Versions"][-1]["CreationTime"]
            card["Versions"][-1] = _version(card) | {"CreationTime": made}
        store.save(card)
    return {"ModelCardArn": card["ModelCardArn"]}


def list_model_card_versions(engine: Engine, request: Members) -> Members:
    """List the versions of one card."""
    card = engine.store.find("ModelCard", request["ModelCardName"])
    shape = operation("ListModelCardVersions").output_shape
    summary = shape.members["ModelCardVersionSummaryList"].member
    with engine.store.lock:
        found = [project(summary, version) for version in card["Versions"]]
    for member, sign in (("CreationTimeAfter", 1), ("CreationTimeBefore", -1)):
        if member in request:
            found = [
                version
                for version in found
                if (version["CreationTime"] - request[member]) * sign > 0
            ]
    if "ModelCardStatus" in request:
        status = request["ModelCardStatus"]
        found = [v for v in found if v["ModelCardStatus"] == status]
    if request.get("SortOrder", "Descending") == "Descending":
        found.reverse()
    return page("ModelCardVersionSummaryList", found, request)


def delete_model_card(engine: Engine, request: Members) -> Members:
    """Remove a card with its versions and the records of its exports."""
    store = engine.store
    with store.lock:
        card = store.delete("ModelCard", request["ModelCardName"])
        for job in store.documents("ModelCardExportJob"):
            if job["ModelCardName"] == card["ModelCardName"]:
                store.delete("ModelCardExportJob", job["ModelCardExportJobArn"])
    return {}


def create_export_job(engine: Engine, request: Members) -> Members:
    """Store an export, and write its PDF beside the request."""
    store = engine.store
    card = store.find("ModelCard", request["ModelCardName"])
    version = _find_version(card, request.get("ModelCardVersion"))
    split(request["OutputConfig"]["S3OutputPath"])
    name, job_name = card["ModelCardName"], request["ModelCardExportJobName"]
    job = store.create(
        "ModelCardExportJob",
        request,
        name=f"{name}/export-job/{job_name}",
        ModelCardName=name,
        ModelCardVersion=version["ModelCardVersion"],
        Status="InProgress",
    )
    store.change(job, CreatedAt=job["CreationTime"], LastModifiedAt=job["CreationTime"])
    engine.submit(_export, engine, job, dict(version))
    return {"ModelCardExportJobArn": job["ModelCardExportJobArn"]}


def _export(engine: Engine, job: Members, version: Members) -> None:
    folder = job["OutputConfig"]["S3OutputPath"].rstrip("/")
    name, job_name = job["ModelCardName"], job["ModelCardExportJobName"]
    uri = f"{folder}/{name}-v{version['ModelCardVersion']}-{job_name}.pdf"
    bucket, key = split(uri)
    try:
        engine.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=pdf(version))
    except ClientError as error:
        change: Members = {"Status": "Failed", "FailureReason": str(error)}
    else:
        artefacts = {"S3ExportArtifacts": uri}
        change = {"Status": "Completed", "ExportArtifacts": artefacts}
    ended = engine.clock.elapse(job["CreatedAt"], EXPORTING)
    engine.store.change(job, **change, LastModifiedAt=ended)


def resume(engine: Engine) -> None:
    """Write the exports that were under way when the endpoint was killed."""
    for job in engine.store.documents("ModelCardExportJob"):
        if job["Status"] == "InProgress":
            if "CreatedAt" not in job:
                made = job["CreationTime"]
                engine.store.change(job, CreatedAt=made, LastModifiedAt=made)
            card = engine.store.find("ModelCard", job["ModelCardName"])
            version = _find_version(card, job["ModelCardVersion"])
            engine.submit(_export, engine, job, dict(version))


def list_export_jobs(engine: Engine, request: Members) -> Members:
    """List the exports of one card."""
    engine.store.find("ModelCard", request["ModelCardName"])
    filters = dict(request)
    part = filters.pop("ModelCardExportJobNameContains", None)
    by_name = filters.get("SortBy") == "Name"
    if by_name:
        filters["SortBy"] = "ModelCardExportJobName"
    if part:
        filters["NameContains"] = part
    return engine.store.list("ModelCardExportJob", filters)


HANDLERS = {
    "CreateModelCard": create_model_card,
    "DescribeModelCard": describe_model_card,
    "UpdateModelCard": update_model_card,
    "ListModelCards": listed("ModelCard"),
    "ListModelCardVersions": list_model_card_versions,
    "DeleteModelCard": delete_model_card,
    "CreateModelCardExportJob": create_export_job,
    "DescribeModelCardExportJob": described("ModelCardExportJob"),
    "ListModelCardExportJobs": list_export_jobs,
}
