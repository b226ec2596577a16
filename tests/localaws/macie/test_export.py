"""Detailed results, events, keys and policies, the inventory of buckets, the costs."""

import gzip
import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.macie.conftest import (
    ACCOUNT,
    counts,
    create,
    detection,
    findings,
    put,
    waited,
)

RESULTS, SEALED = "macie-results", "sealed"
SERVICE = {"Service": "macie.amazonaws.com"}
ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/macie.amazonaws.com/"
    "AWSServiceRoleForAmazonMacie"
)


@pytest.fixture
def macie(desk: Connection) -> Any:
    s3 = boto3.client("s3")
    have = {one["Name"] for one in s3.list_buckets()["Buckets"]}
    for name in {RESULTS, SEALED} - have:
        s3.create_bucket(Bucket=name)
    return boto3.client("macie2")


def statement(principal: Any, *actions: str, resource: str = "*") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": resource,
    }


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def key(*statements: dict[str, Any]) -> str:
    root = statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
    made = boto3.client("kms").create_key(Policy=policy(root, *statements))
    return made["KeyMetadata"]["Arn"]


def test_detailed_results_are_sealed_and_hold_a_thousand_places(macie: Any) -> None:
    put("export/a.txt", "".join(f"ssn 123-45-{n:04}\n" for n in range(1, 31)))
    put("export/b.txt", "Nothing.")
    macie.disable_macie()
    macie.enable_macie()
    unset = create("unset", "export/")
    waited(unset)
    (found,) = findings(unset)
    where = found["classificationDetails"]["detailedResultsLocation"]
    tail = f"AWSLogs/{ACCOUNT}/Macie/us-east-1/{unset}/{ACCOUNT}/"
    assert where.startswith(f"s3://[export-config-not-set]/{tail}")
    place = {"bucketName": RESULTS, "keyPrefix": "macie"}
    closed = key()
    with pytest.raises(ClientError, match="s3:PutObject to the service") as refused:
        macie.put_classification_export_configuration(
            configuration={"s3Destination": {**place, "kmsKeyArn": closed}}
        )
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    allowed = statement(SERVICE, "s3:PutObject", resource=f"arn:aws:s3:::{RESULTS}/*")
    boto3.client("s3").put_bucket_policy(Bucket=RESULTS, Policy=policy(allowed))
    with pytest.raises(ClientError, match="kms:GenerateDataKey to the service"):
        macie.put_classification_export_configuration(
            configuration={"s3Destination": {**place, "kmsKeyArn": closed}}
        )
    opened = key(statement(SERVICE, "kms:GenerateDataKey", "kms:Encrypt"))
    macie.put_classification_export_configuration(
        configuration={"s3Destination": {**place, "kmsKeyArn": opened}}
    )
    job = create("export", "export/")
    waited(job)
    (found,) = findings(job)
    where = found["classificationDetails"]["detailedResultsLocation"]
    folder = f"macie/AWSLogs/{ACCOUNT}/Macie/us-east-1/{job}/{ACCOUNT}/"
    assert where.startswith(f"s3://{RESULTS}/{folder}")
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=RESULTS, Prefix=folder)["Contents"]
    assert len(listed) == 2
    answer = s3.get_object(Bucket=RESULTS, Key=where.removeprefix(f"s3://{RESULTS}/"))
    assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"]) == (
        "aws:kms",
        opened,
    )
    (line,) = gzip.decompress(answer["Body"].read()).splitlines()
    detailed = json.loads(line)
    assert detailed["id"] == found["id"]
    ssn = detection(detailed, "USA_SOCIAL_SECURITY_NUMBER")
    assert len(ssn["occurrences"]["lineRanges"]) == 30
    kept = macie.get_classification_export_configuration()["configuration"]
    assert kept["s3Destination"]["keyPrefix"] == "macie/"


def test_a_finding_is_an_event(macie: Any) -> None:
    sqs, events = boto3.client("sqs"), boto3.client("events")
    queue = sqs.create_queue(QueueName="findings")["QueueUrl"]
    pattern = {"source": ["aws.macie"], "detail-type": ["Macie Finding"]}
    events.put_rule(Name="findings", EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:findings"
    events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": arn}])
    put("event/a.txt", "ssn 123-45-6789")
    job = create("event", "event/")
    waited(job)
    for _ in range(100):
        got = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        if got:
            break
        time.sleep(0.1)
    detail = json.loads(got[0]["Body"])["detail"]
    assert detail["severity"] == {"score": 3, "description": "High"}
    assert detail["resourcesAffected"]["s3Object"]["key"] == "event/a.txt"
    assert detail["id"] == findings(job)[0]["id"]


def test_a_key_or_a_policy_that_shuts_macie_out_is_said(macie: Any) -> None:
    s3, text = boto3.client("s3"), "ssn 123-45-6789"
    opened = key(statement({"AWS": ROLE}, "kms:Decrypt"))
    for name, arn in (("closed", key()), ("open", opened)):
        put(
            f"{name}.txt", text, SEALED, ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
        )
    put("plain.txt", text, SEALED)
    put("cold.txt", text, SEALED, StorageClass="GLACIER")
    put("secret/a.txt", text, SEALED)
    deny = statement("*", "s3:GetObject", resource=f"arn:aws:s3:::{SEALED}/secret/*")
    deny |= {
        "Effect": "Deny",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}},
    }
    s3.put_bucket_policy(Bucket=SEALED, Policy=policy(deny))
    job = create("sealed", bucket=SEALED)
    waited(job)
    found = [one["resourcesAffected"]["s3Object"] for one in findings(job)]
    assert [one["key"] for one in found] == ["open.txt", "plain.txt"]
    encryption = found[0]["serverSideEncryption"]
    assert encryption == {"encryptionType": "aws:kms", "kmsMasterKeyId": opened}
    said = boto3.client("logs").get_log_events(
        logGroupName="/aws/macie/classificationjobs", logStreamName=job
    )
    lines = {one["message"].rpartition(f"{SEALED}/")[2] for one in said["events"]}
    assert "closed.txt: skipped, INVALID_ENCRYPTION" in lines
    assert "cold.txt: skipped, INVALID_OBJECT_STATE" in lines
    assert "secret/a.txt: skipped, PERMISSION_DENIED" in lines
    assert [counts(one) for one in findings(job)] == [
        {"USA_SOCIAL_SECURITY_NUMBER": 1}
    ] * 2
    shut = statement({"AWS": ROLE}, "s3:ListBucket", resource=f"arn:aws:s3:::{SEALED}")
    shut["Effect"] = "Deny"
    s3.put_bucket_policy(Bucket=SEALED, Policy=policy(shut))
    done = waited(create("shut", bucket=SEALED))
    assert done["lastRunErrorStatus"] == {"code": "ERROR"}
    s3.delete_bucket_policy(Bucket=SEALED)


def test_the_inventory_and_the_costs(macie: Any, desk: Connection) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="inventory")
    put("a.csv", "a,b\n", "inventory")
    put("b.exe", "x" * 10, "inventory")
    put("c.txt", "y", "inventory", StorageClass="DEEP_ARCHIVE")
    s3.put_bucket_policy(
        Bucket="inventory",
        Policy=policy(
            statement("*", "s3:GetObject", resource="arn:aws:s3:::inventory/*")
        ),
    )
    criteria = {"bucketName": {"eq": ["inventory"]}}
    (row,) = macie.describe_buckets(criteria=criteria)["buckets"]
    assert row["objectCount"] == 3
    assert (row["classifiableObjectCount"], row["classifiableSizeInBytes"]) == (1, 4)
    assert row["unclassifiableObjectCount"] == {
        "fileType": 1,
        "storageClass": 1,
        "total": 2,
    }
    assert row["objectCountByEncryptionType"] == {"s3Managed": 3}
    assert row["publicAccess"]["effectivePermission"] == "PUBLIC"
    assert row["jobDetails"] == {"isDefinedInJob": "FALSE", "isMonitoredByJob": "FALSE"}
    sums = macie.get_bucket_statistics()
    assert sums["bucketCount"] >= 3
    assert sums["bucketCountByEffectivePermission"]["publiclyAccessible"] == 1
    put("cost/a.txt", "ssn 123-45-6789")
    waited(create("cost", "cost/"))
    desk.control("POST", "clock", {"seconds": 86_400})
    totals = {
        one["type"]: float(one["estimatedCost"])
        for one in macie.get_usage_totals()["usageTotals"]
    }
    assert totals["DATA_INVENTORY_EVALUATION"] > 0
    bill = desk.control("GET", "bill")["lines"]
    months = sum(
        one["quantity"] for one in bill if one["usage"].startswith("Evaluation")
    )
    assert totals["DATA_INVENTORY_EVALUATION"] == pytest.approx(months * 0.1, abs=1e-3)
