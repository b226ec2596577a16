"""The inventory of buckets, as Macie shows and sums it up."""

from collections import Counter
from collections.abc import Callable

from localaws.services.context import Context
from localaws.services.macie2 import documents
from localaws.services.macie2.bucket_facts import inventory
from localaws.services.macie2.criteria import meets, ordered
from localaws.services.macie2.documents import ACCOUNT, JOB, Members
from localaws.services.macie2.operations import page

_SUMS = (
    "objectCount",
    "sizeInBytes",
    "sizeInBytesCompressed",
    "classifiableObjectCount",
    "classifiableSizeInBytes",
)
_SPLIT = ("unclassifiableObjectCount", "unclassifiableObjectSizeInBytes")


def _every(context: Context) -> list[Members]:
    names = [one["Name"] for one in context.aws.client("s3").list_buckets()["Buckets"]]
    jobs = documents.every(context, JOB)
    return [
        {
            "accountId": ACCOUNT,
            "region": context.aws.region,
            "lastUpdated": context.clock.now(),
            "automatedDiscoveryMonitoringStatus": "NOT_MONITORED",
            "jobDetails": _jobs(name, jobs),
            **inventory(context, name),
        }
        for name in names
    ]


def _jobs(name: str, jobs: list[Members]) -> Members:
    own = [
        one
        for one in jobs
        if one["jobStatus"] != "CANCELLED"
        and any(
            name in part["buckets"]
            for part in one["s3JobDefinition"]["bucketDefinitions"]
        )
    ]
    recurring = any(one["jobType"] == "SCHEDULED" for one in own)
    ran = [one for one in own if one.get("lastRunTime")]
    last = max(ran, key=lambda one: one["lastRunTime"], default={})
    return {
        "isDefinedInJob": "TRUE" if own else "FALSE",
        "isMonitoredByJob": "TRUE" if recurring else "FALSE",
        "lastJobId": last.get("jobId"),
        "lastJobRunTime": last.get("lastRunTime"),
    }


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeBuckets."""
    criteria = given.get("criteria", {})
    found = [one for one in _every(context) if meets(one, criteria)]
    return page("buckets", ordered(found, given.get("sortCriteria", {})), given)


def statistics(context: Context, given: Members) -> Members:
    """Answer GetBucketStatistics."""
    found = _every(context)

    def counted(key: Callable[[Members], str]) -> Counter[str]:
        return Counter(key(one) for one in found)

    sealed = counted(lambda one: one["serverSideEncryption"]["type"])
    access = counted(lambda one: one["publicAccess"]["effectivePermission"])
    split = {
        name: {
            part: sum(one[name][part] for one in found)
            for part in ("fileType", "storageClass", "total")
        }
        for name in _SPLIT
    }
    return {
        "bucketCount": len(found),
        "lastUpdated": context.clock.now(),
        **{name: sum(one[name] for one in found) for name in _SUMS},
        **split,
        "bucketCountByEncryptionType": {
            "kmsManaged": sealed["aws:kms"] + sealed["aws:kms:dsse"],
            "s3Managed": sealed["AES256"],
            "unencrypted": 0,
            "unknown": 0,
        },
        "bucketCountByEffectivePermission": {
            "publiclyAccessible": access["PUBLIC"],
            "unknown": 0,
        },
        "bucketCountBySharedAccessType": {
            "external": 0,
            "internal": 0,
            "notShared": len(found),
            "unknown": 0,
        },
    }


OPERATIONS = {"DescribeBuckets": describe, "GetBucketStatistics": statistics}
