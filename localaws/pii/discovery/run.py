"""One run of a job of Amazon Macie: buckets, objects, and what is sensitive in them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from localaws.pii.discovery.cells import Content, Unreadable, read
from localaws.pii.discovery.custom import Allowed, Custom
from localaws.pii.discovery.results import result, verdict
from localaws.pii.discovery.scanning import Detection, Scanner
from localaws.pii.discovery.selection import CLASSES, chosen, extension, sampled

Members = dict[str, Any]
# Sensitive data is looked for in objects of up to this size.
_LARGEST = 2 * 2**30


def run(plan: Members) -> Members:
    """Do the run, and return what the service has to know of it.

    Args:
        plan: `buckets`, `scoping`, `sampling`, `seed`, `since` (None or a time),
            `shown` and `detailed` (how many places), `managed`, `custom` and `allowed`
            as the identifiers and lists are.
    """
    return _Run(plan).done()


class _Run:
    def __init__(self, plan: Members) -> None:
        self._plan = plan
        self._s3 = boto3.client("s3")
        self._customs = {row["id"]: Custom(row) for row in plan["custom"]}
        allowed = [Allowed(self._listed(row)) for row in plan["allowed"]]
        customs = list(self._customs.values())
        self._scanner = Scanner(plan["managed"], customs, allowed, plan["detailed"])
        self._errors: list[Members] = []

    def done(self) -> Members:
        results, processed = [], 0
        for bucket in self._plan["buckets"]:
            objects = list(self._objects(bucket))
            kept = sampled(objects, self._plan["sampling"], self._plan["seed"])
            for one in kept:
                told = self._analysed(bucket, one)
                processed += told["result"]["sizeClassified"]
                results.append(told)
        return {"results": results, "errors": self._errors, "bytes": processed}

    def _listed(self, row: Members) -> Members:
        """Return an allow list; a list of words that cannot be read allows nothing."""
        if "s3WordsList" not in row:
            return row
        place = row["s3WordsList"]
        where = {"Bucket": place["bucketName"], "Key": place["objectKey"]}
        try:
            body = self._s3.get_object(**where)["Body"].read().decode()
        except (ClientError, UnicodeDecodeError) as error:
            print(f"Allow list {row['name']}: {error}", flush=True)
            return {"words": []}
        lines = [line.strip().lower() for line in body.splitlines()]
        return {"words": [line for line in lines if line]}

    def _objects(self, bucket: str) -> Iterator[Members]:
        scoping, since = self._plan["scoping"], self._plan["since"]
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        # S3 tells when an object was written by the second
        start = since and dt.datetime.fromisoformat(since).replace(microsecond=0)

        def tags(one: Members) -> dict[str, str]:
            return self._tags(bucket, one["Key"])

        try:
            for one in (item for page in pages for item in page.get("Contents", ())):
                if one["Size"] == 0 or (start and one["LastModified"] < start):
                    continue
                if chosen(scoping, one, tags):
                    yield one
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self._errors.append({"bucket": bucket, "code": code, "error": str(error)})
            print(f"Bucket {bucket}: {error}", flush=True)

    def _tags(self, bucket: str, key: str) -> dict[str, str]:
        try:
            found = self._s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        except ClientError:
            return {}
        return {one["Key"]: one["Value"] for one in found}

    def _analysed(self, bucket: str, one: Members) -> Members:
        about: Members = {}
        try:
            contents = self._contents(bucket, one, about)
            found = self._scanned(contents)
        except Unreadable as error:
            print(f"s3://{bucket}/{one['Key']}: skipped, {error.reason}", flush=True)
            return self._told(bucket, one, about, error.reason, {}, [])
        told = self._told(bucket, one, about, None, found, contents)
        total = sum(detection.count for detection in found.values())
        print(f"s3://{bucket}/{one['Key']}: {total} occurrences", flush=True)
        return told

    def _contents(self, bucket: str, one: Members, about: Members) -> list[Content]:
        if one.get("StorageClass", "STANDARD") not in CLASSES:
            raise Unreadable("INVALID_OBJECT_STATE")
        if one["Size"] > _LARGEST:
            raise Unreadable("FILE_EXCEEDS_SIZE_LIMIT")
        try:
            answer = self._s3.get_object(Bucket=bucket, Key=one["Key"])
            about.update(answer)
            return read(one["Key"], answer["Body"].read())
        except ClientError as error:
            raise Unreadable(_why(error)) from error

    def _scanned(self, contents: list[Content]) -> dict[str, Detection]:
        found: dict[str, Detection] = {}
        for content in contents:
            for name, detection in self._scanner.scan(content.cells).items():
                known = found.setdefault(name, Detection())
                known.count += detection.count
                for kind, places in detection.places.items():
                    known.places.setdefault(kind, []).extend(places)
        return found

    def _told(
        self,
        bucket: str,
        one: Members,
        about: Members,
        reason: str | None,
        found: dict[str, Detection],
        contents: list[Content],
    ) -> Members:
        size = sum(content.size for content in contents)
        plain = len(contents) == 1 and not one["Key"].endswith((".gz", ".zip"))
        mime = contents[0].mime if plain else _packed(one["Key"])
        status = {"code": "COMPLETE"}
        if reason:
            status = {"code": "SKIPPED", "reason": reason}
        shown = {"mimeType": mime, "sizeClassified": size, "status": status}
        finding = verdict(found, self._customs)
        return {
            "object": self._object(bucket, one, about, finding is not None),
            "finding": finding,
            "result": {**shown, **result(found, self._customs, self._plan["shown"])},
            "detailed": {
                **shown,
                **result(found, self._customs, self._plan["detailed"]),
            },
        }

    def _object(
        self, bucket: str, one: Members, about: Members, tagged: bool
    ) -> Members:
        key = one["Key"]
        tags = self._tags(bucket, key) if tagged else {}
        sealed = about.get("ServerSideEncryption", "NONE")
        encryption = {"encryptionType": sealed}
        if about.get("SSEKMSKeyId"):
            encryption["kmsMasterKeyId"] = about["SSEKMSKeyId"]
        return {
            "bucketArn": f"arn:aws:s3:::{bucket}",
            "key": key,
            "path": f"{bucket}/{key}",
            "extension": extension(key),
            "eTag": one["ETag"].strip('"'),
            "lastModified": one["LastModified"].isoformat(),
            "size": one["Size"],
            "storageClass": one.get("StorageClass", "STANDARD"),
            "serverSideEncryption": encryption,
            "versionId": about.get("VersionId", ""),
            "publicAccess": False,
            "tags": [{"key": name, "value": value} for name, value in tags.items()],
        }


def _packed(key: str) -> str:
    kinds = {"gz": "application/gzip", "zip": "application/zip"}
    return kinds.get(extension(key), "application/octet-stream")


def _why(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    told = error.response["Error"]["Message"]
    if code == "NoSuchKey":
        return "SOURCE_OBJECT_NO_LONGER_AVAILABLE"
    if code == "NoSuchBucket":
        return "NO_SUCH_BUCKET_AVAILABLE"
    if code == "InvalidObjectState":
        return "INVALID_OBJECT_STATE"
    if code.startswith("KMS.") or "DisabledException" in code:
        return "INVALID_KMS_KEY"
    if "kms:" in told or "SSE-C" in told or "encryption" in told.lower():
        return "INVALID_ENCRYPTION"
    return "PERMISSION_DENIED"
