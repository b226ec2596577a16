"""The input of a labeling job: its manifest and its categories.

https://docs.aws.amazon.com/sagemaker/latest/dg/sms-input-data-input-manifest.html
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.limits import limit
from localaws.sagemaker.labeling.tasks import LabelingFailed
from localaws.sagemaker.transfer import split

Members = dict[str, Any]
_SOURCES = ("source-ref", "source")


def read(s3: Any, uri: str) -> bytes:
    """Return an object of Amazon S3.

    Raises:
        LabelingFailed: There is none, or the role may not read it.
    """
    bucket, key = split(uri)
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        found = error.response["Error"]
        raise LabelingFailed(
            f"ClientError: Cannot read {uri}: {found['Code']}: {found['Message']}"
        ) from error


def lines(s3: Any, uri: str) -> list[Members]:
    """Return the objects that a manifest lists.

    Raises:
        LabelingFailed: A line is wrong, with its number.
    """
    text = read(s3, uri)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            found.append(_line(line, f"ClientError: Line {number} of {uri}"))
    most = int(limit("groundtruth", "manifest_objects"))
    if not found or len(found) > most:
        raise LabelingFailed(
            f"ClientError: {uri} must list 1 to {most} objects; found {len(found)}."
        )
    return found


def _line(line: bytes, where: str) -> Members:
    most = int(limit("groundtruth", "line_bytes"))
    if len(line) > most:
        raise LabelingFailed(f"{where} has {len(line)} bytes; at most {most} may be.")
    try:
        given = json.loads(line)
    except ValueError as error:
        raise LabelingFailed(f"{where} is not valid JSON: {error}.") from error
    named = [name for name in _SOURCES if isinstance(given, dict) and name in given]
    if len(named) != 1 or not isinstance(given[named[0]], str):
        raise LabelingFailed(
            f"{where} must hold exactly one of source-ref and source, a string."
        )
    return given


def categories(s3: Any, uri: str, least: int) -> list[str]:
    """Return the labels of a label category configuration file.

    Args:
        s3: Client with the job's role.
        uri: The file.
        least: How many there must be.

    Raises:
        LabelingFailed: It is not such a file.
    """
    where = f"ClientError: The label category configuration file {uri}"
    try:
        document = json.loads(read(s3, uri))
        found = [one["label"] for one in document["labels"]]
    except (ValueError, KeyError, TypeError) as error:
        raise LabelingFailed(
            f'{where} must be JSON with "labels": [{{"label": ...}}, ...].'
        ) from error
    if len(found) < least or len(set(found)) < len(found):
        raise LabelingFailed(
            f"{where} must name at least {least} labels, each once; found {found}."
        )
    return found
