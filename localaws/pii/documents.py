"""A job of Amazon Comprehend: documents in S3, and what is personal in them."""

import json
from collections.abc import Iterator
from typing import Any

import boto3

from localaws.pii.errors import PiiError
from localaws.pii.finding import Found, find_each
from localaws.pii.redaction import redact
from localaws.pii.units import units

Members = dict[str, Any]


def run(plan: Members) -> Members:
    """Do the job, and return the units that it is billed for.

    Args:
        plan: `input` and `output` as in the request, `redaction`, and `most`, the
            bytes of a document.
    """
    s3 = boto3.client("s3")
    output, charged, most = plan["output"], 0, plan["most"]
    bucket, _, folder = output["S3Uri"].removeprefix("s3://").partition("/")
    sealed = _sealed(output.get("KmsKeyId"))
    by_line = plan["input"]["InputFormat"] == "ONE_DOC_PER_LINE"
    for key, body in _files(s3, plan["input"]["S3Uri"]):
        name = key.rpartition("/")[2]
        texts = body.split("\n") if by_line else [body]
        if by_line and texts[-1] == "":
            texts.pop()
        for number, text in enumerate(texts):
            _demand(text, f"Line {number} of {name}" if by_line else name, most)
        results = list(find_each(texts))
        charged += sum(units(text) for text in texts if text)
        if plan["redaction"] is None:
            told = _offsets(name, results, by_line)
        else:
            pairs = zip(texts, results, strict=True)
            masked = [redact(text, found, plan["redaction"]) for text, found in pairs]
            told = "\n".join(masked) + ("\n" if by_line else "")
        place = f"{folder}{name}.out"
        s3.put_object(Bucket=bucket, Key=place, Body=told.encode(), **sealed)
        print(f"{len(texts)} documents of {key}: s3://{bucket}/{place}", flush=True)
    return {"units": charged}


def _offsets(name: str, results: list[list[Found]], by_line: bool) -> str:
    """Return the entities of each document as a line of JSON."""
    lines = []
    for number, found in enumerate(results):
        about = {"Line": number} if by_line else {}
        lines.append({"Entities": _told(found), "File": name, **about})
    return "".join(f"{json.dumps(one)}\n" for one in lines)


def _sealed(key: str | None) -> Members:
    if key is None:
        return {}
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def _files(s3: Any, uri: str) -> Iterator[tuple[str, str]]:
    """Yield key and text of each object that begins with a URI."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    keys = [key for key in keys if not key.endswith("/")]
    if not keys:
        raise PiiError(
            f"NO_FILES_FOUND: No files were found at the input location {uri}."
        )
    for key in keys:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            yield key, body.decode()
        except UnicodeDecodeError as error:
            raise PiiError(
                f"INVALID_ENCODING: The file {key} is not encoded in UTF-8."
            ) from error


def _demand(text: str, name: str, most: int) -> None:
    size = len(text.encode())
    if size > most:
        raise PiiError(
            f"DOCUMENT_SIZE_EXCEEDED: {name} has {size} bytes; a document of a job may "
            f"have {most}."
        )


def _told(found: list[Found]) -> list[Members]:
    return [
        {"Type": kind, "BeginOffset": begin, "EndOffset": end, "Score": score}
        for kind, begin, end, score in found
    ]
