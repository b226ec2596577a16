"""What a run leaves behind: findings, their events, and detailed results in S3."""

import datetime as dt
import gzip
import json
import logging
import uuid

from botocore.exceptions import ClientError

from localaws.services.context import Context
from localaws.services.events import Bus
from localaws.services.macie2 import documents
from localaws.services.macie2.bucket_facts import shown_bucket
from localaws.services.macie2.documents import ACCOUNT, EXPORT, FINDING, Members
from localaws.services.macie2.filters import archives
from localaws.services.records import Records

_UNSET = "[export-config-not-set]"
log = logging.getLogger(__name__)


class Reporter:
    """Makes the findings of a run known.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._bus = context.part(_bus)

    def report(self, job: Members, done: Members, now: dt.datetime) -> None:
        """Keep, publish and export what a run has found.

        Args:
            job: The job.
            done: What its process says.
            now: When it ended.
        """
        buckets: dict[str, Members] = {}
        for one in done["results"]:
            name = one["object"]["path"].partition("/")[0]
            if name not in buckets:
                buckets[name] = shown_bucket(self._context, name)
            self._one(job, one, buckets[name], now)

    def _one(
        self, job: Members, one: Members, bucket: Members, now: dt.datetime
    ) -> None:
        key = documents.new_id(self._context, FINDING)
        file = f"{uuid.UUID(documents.digest(self._context, 'macie-result'))}.jsonl.gz"
        folder = f"AWSLogs/{ACCOUNT}/Macie/{self._context.aws.region}/{job['jobId']}"
        setting = self._context.part(Records).get(EXPORT, EXPORT) or {}
        place = setting.get("s3Destination", {})
        path = f"{place.get('keyPrefix', '')}{folder}/{ACCOUNT}/{file}"
        result = self._finding(job, key, one, bucket, now)
        where = f"s3://{place.get('bucketName', _UNSET)}/{path}"
        result["classificationDetails"]["detailedResultsLocation"] = where
        if one["finding"] is not None:
            result["archived"] = archives(self._context, result)
            self._context.part(Records).put(FINDING, key, result)
            if not result["archived"]:
                self._bus.put("aws.macie", "Macie Finding", _plain(result))
        if place:
            detailed = {
                **result,
                "classificationDetails": {
                    **result["classificationDetails"],
                    "result": one["detailed"],
                },
            }
            self._export(place, path, detailed)

    def _finding(
        self, job: Members, key: str, one: Members, bucket: Members, now: dt.datetime
    ) -> Members:
        found = {
            **one["object"],
            "lastModified": dt.datetime.fromisoformat(one["object"]["lastModified"]),
        }
        verdict = one["finding"] or {}
        return {
            "schemaVersion": "1.0",
            "id": key,
            "accountId": ACCOUNT,
            "partition": "aws",
            "region": self._context.aws.region,
            "category": "CLASSIFICATION",
            "archived": False,
            "sample": False,
            "count": 1,
            "createdAt": now,
            "updatedAt": now,
            **verdict,
            "description": _described(verdict.get("title", "")),
            "classificationDetails": {
                "jobArn": job["jobArn"],
                "jobId": job["jobId"],
                "originType": "SENSITIVE_DATA_DISCOVERY_JOB",
                "result": one["result"],
            },
            "resourcesAffected": {"s3Bucket": bucket, "s3Object": found},
        }

    def _export(self, place: Members, path: str, result: Members) -> None:
        body = gzip.compress(json.dumps(_plain(result)).encode() + b"\n", mtime=0)
        try:
            self._context.aws.client("s3").put_object(
                Bucket=place["bucketName"],
                Key=path,
                Body=body,
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=place["kmsKeyArn"],
            )
        except ClientError:
            log.exception("detailed results of Macie")


def _bus(context: Context) -> Bus:
    return Bus(context.aws)


def _described(title: str) -> str:
    if "multiple" in title:
        return "The S3 object contains more than one category of sensitive data."
    return title


def _plain(value: object) -> Members:
    """Return a document as JSON has it."""
    found: Members = json.loads(json.dumps(value, default=_stamp))
    return found


def _stamp(value: object) -> str:
    assert isinstance(value, dt.datetime)
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
