"""What streams, tables and objects cost: by the request, by the hour, by the month."""

from typing import Any

import pytest

from tests.localaws.services.storage import Aws

MONTH = {"seconds": 730 * 3600}
ROLE = "arn:aws:iam::123456789012:role/desk"


def quantities(endpoint: Any, service: str) -> dict[tuple[str, str], float]:
    """Return what the bill has of a service: how much, by usage and resource."""
    return {
        (line["usage"], line["resource"]): line["quantity"]
        for line in endpoint.control("GET", "bill")["lines"]
        if line["service"] == service
    }


def test_objects_cost_by_class_and_time(aws: Aws, endpoint: Any) -> None:
    s3, size = aws("s3"), 2**20
    s3.create_bucket(Bucket="desk-bill")
    for key, storage in (
        ("a", "STANDARD"),
        ("b", "STANDARD_IA"),
        ("archived", "DEEP_ARCHIVE"),
        ("gone", "ONEZONE_IA"),
    ):
        s3.put_object(
            Bucket="desk-bill", Key=key, Body=bytes(size), StorageClass=storage
        )
    s3.put_object(Bucket="desk-bill", Key="tiny", Body=b"x", StorageClass="STANDARD_IA")
    endpoint.control("POST", "clock", MONTH)
    s3.delete_object(Bucket="desk-bill", Key="gone")
    endpoint.control("POST", "clock", MONTH)
    found = quantities(endpoint, "Amazon S3")
    stored = {
        usage.rpartition(" ")[2]: quantity * 2**30
        for (usage, resource), quantity in found.items()
        if resource == "desk-bill"
    }
    assert stored == pytest.approx(
        {
            "STANDARD": 2 * (size + 8192),
            "STANDARD_IA": 2 * (size + 131072),
            "DEEP_ARCHIVE": 2 * (size + 32768),
            # of its last day, begun at midnight, it costs nothing
            "ONEZONE_IA": size * (1 - 18.4 / 730),
        },
        rel=2e-3,
        abs=1100,
    )


def test_a_lifecycle_lowers_the_bill(aws: Aws, endpoint: Any) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="desk-ages")
    rule = {
        "ID": "ages",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
    }
    s3.put_bucket_lifecycle_configuration(
        Bucket="desk-ages", LifecycleConfiguration={"Rules": [rule]}
    )
    s3.put_object(Bucket="desk-ages", Key="a", Body=bytes(2**22))
    endpoint.control("POST", "clock", {"seconds": 60 * 86400})
    found = quantities(endpoint, "Amazon S3")
    days = {
        usage.rpartition(" ")[2]: quantity * 2**30 / 2**22 * 730 / 24
        for (usage, resource), quantity in found.items()
        if resource == "desk-ages"
    }
    assert days == pytest.approx({"STANDARD": 31, "STANDARD_IA": 29}, abs=1)


def test_shards_and_payload_units(aws: Aws, endpoint: Any) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="lines", ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName="lines")
    for size in (10, 25_000, 60_000):
        kinesis.put_record(StreamName="lines", Data=bytes(size), PartitionKey="k")
    endpoint.control("POST", "clock", {"seconds": 36_000})
    kinesis.update_shard_count(
        StreamName="lines", TargetShardCount=4, ScalingType="UNIFORM_SCALING"
    )
    endpoint.control("POST", "clock", {"seconds": 36_000})
    kinesis.delete_stream(StreamName="lines")
    endpoint.control("POST", "clock", {"seconds": 36_000})
    found = quantities(endpoint, "Amazon Kinesis")
    assert found["Shards, provisioned mode", "stream/lines"] == pytest.approx(60, 0.01)
    units = found["PUT payload units, provisioned mode", "stream/lines"]
    assert units * 1e6 == pytest.approx(1 + 1 + 3)


def test_a_stream_on_demand_costs_by_its_bytes(aws: Aws, endpoint: Any) -> None:
    kinesis = aws("kinesis")
    kinesis.create_stream(
        StreamName="free", StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    kinesis.get_waiter("stream_exists").wait(StreamName="free")
    data, name = bytes(2**20 - 1), "stream/free"
    shards = set()
    for _ in range(2):
        put = kinesis.put_record(StreamName="free", Data=data, PartitionKey="k")
        shards.add(put["ShardId"])
        endpoint.control("POST", "clock", {"seconds": 5})
    (shard,) = shards
    where = {"StreamName": "free", "ShardId": shard}
    cursor = kinesis.get_shard_iterator(ShardIteratorType="TRIM_HORIZON", **where)
    kinesis.get_records(ShardIterator=cursor["ShardIterator"])
    endpoint.control("POST", "clock", {"seconds": 36_000})
    found = quantities(endpoint, "Amazon Kinesis")
    assert found["Streams, on-demand mode", name] == pytest.approx(10, 0.01)
    written = found["Data in, on-demand mode", name]
    assert written * 2**30 == pytest.approx(2**21, rel=0.01)
    assert found["Data out, on-demand mode", name] == pytest.approx(written, rel=0.01)
    assert ("Shards, provisioned mode", name) not in found


def made(aws: Aws, mode: str = "PAY_PER_REQUEST", **more: Any) -> Any:
    """Make a table."""
    aws("dynamodb").create_table(
        TableName="planes",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode=mode,
        **more,
    )
    return aws("dynamodb")


def item(key: str, size: int) -> dict[str, Any]:
    """Return an item of so many bytes."""
    return {"id": {"S": key}, "v": {"S": "x" * (size - 3 - len(key))}}


def units(endpoint: Any) -> tuple[int, ...]:
    """Return the read and the write units of the bill."""
    found = quantities(endpoint, "Amazon DynamoDB")
    return tuple(
        round(found.get((f"On-demand {word} request units", "planes"), 0) * 1e6)
        for word in ("read", "write")
    )


def test_request_units_are_those_of_the_items(aws: Aws, endpoint: Any) -> None:
    table, name = made(aws), {"TableName": "planes"}
    key = {"id": {"S": "a"}}
    table.put_item(Item=item("a", 1025), **name)
    assert units(endpoint) == (0, 2)
    table.put_item(Item=item("a", 100), **name)
    assert units(endpoint) == (0, 4)
    table.update_item(
        Key=key,
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "y" * 3_000}},
        **name,
    )
    assert units(endpoint) == (0, 7)
    table.get_item(Key=key, ConsistentRead=True, **name)
    assert units(endpoint) == (1, 7)
    for _ in range(2):
        table.get_item(Key=key, **name)
    assert units(endpoint) == (2, 7)
    table.batch_write_item(
        RequestItems={
            "planes": [{"PutRequest": {"Item": item(k, 4_000)}} for k in "bcd"]
        }
    )
    assert units(endpoint) == (2, 19)
    table.delete_item(Key={"id": {"S": "d"}}, **name)
    assert units(endpoint) == (2, 23)
    table.scan(ConsistentRead=True, **name)
    assert units(endpoint) == (5, 23)
    table.scan(ConsistentRead=True, ProjectionExpression="id", **name)
    assert units(endpoint) == (8, 23)
    table.batch_get_item(RequestItems={"planes": {"Keys": [key, {"id": {"S": "z"}}]}})
    assert units(endpoint) == (9, 23)
    table.transact_write_items(
        TransactItems=[{"Put": {"Item": item("t", 900), **name}}]
    )
    table.transact_get_items(TransactItems=[{"Get": {"Key": key, **name}}])
    assert units(endpoint) == (11, 25)


def test_what_is_refused_costs_nothing(aws: Aws, endpoint: Any) -> None:
    table = made(aws)
    with pytest.raises(table.exceptions.ClientError):
        table.put_item(TableName="planes", Item={"other": {"S": "a"}})
    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(
            TableName="planes",
            Item=item("a", 100),
            ConditionExpression="attribute_exists(id)",
        )
    with pytest.raises(table.exceptions.ResourceNotFoundException):
        table.get_item(TableName="trains", Key={"id": {"S": "a"}})
    assert units(endpoint) == (0, 0)


def test_provisioned_capacity_costs_by_the_hour(aws: Aws, endpoint: Any) -> None:
    capacity = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}
    table = made(aws, "PROVISIONED", ProvisionedThroughput=capacity)
    table.put_item(TableName="planes", Item=item("a", 100))
    endpoint.control("POST", "clock", {"seconds": 36_000})
    table.update_table(TableName="planes", BillingMode="PAY_PER_REQUEST")
    endpoint.control("POST", "clock", {"seconds": 36_000})
    table.delete_table(TableName="planes")
    found = quantities(endpoint, "Amazon DynamoDB")
    assert found == pytest.approx(
        {
            ("Provisioned read capacity units", "table/planes"): 100,
            ("Provisioned write capacity units", "table/planes"): 50,
        },
        rel=1e-3,
    )
