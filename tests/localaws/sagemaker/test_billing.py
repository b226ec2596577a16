"""What the bill says of Feature Store and of serverless endpoints."""

from collections.abc import Callable
from typing import Any

import boto3

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import wait
from tests.localaws.sagemaker.desk import ask, container, deploy, store, variant

Aws = Callable[[str], Any]


def lines(endpoint: Connection, usage: str) -> list[dict[str, Any]]:
    """Return the lines of the bill whose usage begins so."""
    bill = endpoint.control("GET", "bill")
    found = bill["lines"] if isinstance(bill, dict) else bill
    return [line for line in found if line["usage"].startswith(usage)]


def test_feature_store_is_billed_by_units(
    endpoint: Connection, aws: Aws, role: str
) -> None:
    sagemaker = aws("sagemaker")
    names = {"id": "String", "at": "Fractional", "text": "String"}
    sagemaker.create_feature_group(
        FeatureGroupName="desk",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[
            {"FeatureName": name, "FeatureType": kind} for name, kind in names.items()
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
        RoleArn=role,
    )
    wait(
        lambda: sagemaker.describe_feature_group(FeatureGroupName="desk"),
        "FeatureGroupStatus",
        "Creating",
    )
    runtime = boto3.client("sagemaker-featurestore-runtime")
    for text in ("short", "x" * 2000):
        record = {"id": "UA1", "at": "1767600000", "text": text}
        runtime.put_record(
            FeatureGroupName="desk",
            Record=[
                {"FeatureName": name, "ValueAsString": value}
                for name, value in record.items()
            ],
        )
    for identifier in ("UA1", "none"):
        runtime.get_record(
            FeatureGroupName="desk", RecordIdentifierValueAsString=identifier
        )
    (writes,) = lines(endpoint, "Feature Store, write")
    assert (writes["resource"], writes["quantity"]) == ("desk", 3e-6)
    (reads,) = lines(endpoint, "Feature Store, read")
    assert reads["quantity"] == 1e-6
    assert writes["note"].startswith("unverified: ")


def test_a_serverless_endpoint_is_billed_by_use(
    endpoint: Connection, aws: Aws, role: str, bucket: str
) -> None:
    aws("sagemaker").create_model(
        ModelName="m2",
        ExecutionRoleArn=role,
        PrimaryContainer=container(store("m2.tar.gz", 2)),
    )
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    config = {
        "VariantName": variant("m2")["VariantName"],
        "ModelName": "m2",
        "ServerlessConfig": serverless,
    }
    deploy("m2", ProductionVariants=[config])
    assert lines(endpoint, "Serverless inference") == []
    ask("3")
    duration, data = sorted(
        lines(endpoint, "Serverless inference"),
        key=lambda line: line["unit"] != "GB-seconds",
    )
    assert (duration["unit"], duration["resource"]) == ("GB-seconds", "desk")
    assert duration["quantity"] > 0
    assert data["unit"] == "GB"
    assert lines(endpoint, "Real-time inference") == []
