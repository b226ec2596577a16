"""Amazon DynamoDB: tables, conditions, streams."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.kinesis_face import Aws

KEY = {"id": {"S": "a"}}


def table(aws: Aws, **members: Any) -> Any:
    """Make a table and return the client."""
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        **{
            "TableName": "orders",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            **members,
        }
    )
    dynamodb.get_waiter("table_exists").wait(TableName="orders")
    return dynamodb


def test_a_condition_decides_a_write(aws: Aws) -> None:
    dynamodb = table(aws)
    new = {"TableName": "orders", "ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.put_item(Item={**KEY, "n": {"N": "1"}}, **new)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(Item={**KEY, "n": {"N": "2"}}, **new)
    assert dynamodb.get_item(TableName="orders", Key=KEY)["Item"]["n"] == {"N": "1"}


def test_a_transaction_writes_all_or_nothing(aws: Aws) -> None:
    dynamodb = table(aws)
    put = {"TableName": "orders", "Item": KEY}
    check = {
        "TableName": "orders",
        "Key": {"id": {"S": "none"}},
        "ConditionExpression": "attribute_exists(id)",
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(
            TransactItems=[{"Put": put}, {"ConditionCheck": check}]
        )
    assert "Item" not in dynamodb.get_item(TableName="orders", Key=KEY)


def test_the_mode_of_a_table_changes(aws: Aws) -> None:
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 1}
    dynamodb = table(aws, BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    found = dynamodb.describe_table(TableName="orders")["Table"]
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    dynamodb.update_table(TableName="orders", BillingMode="PAY_PER_REQUEST")
    found = dynamodb.describe_table(TableName="orders")["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_stream_tells_each_change(aws: Aws) -> None:
    dynamodb = table(
        aws,
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    )
    for number in ("1", "2"):
        dynamodb.put_item(TableName="orders", Item={**KEY, "n": {"N": number}})
    dynamodb.delete_item(TableName="orders", Key=KEY)
    arn = dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    streams = aws("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    token = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=token)["Records"]
    assert [r["eventName"] for r in records] == ["INSERT", "MODIFY", "REMOVE"]
    change = records[1]["dynamodb"]
    assert (change["OldImage"]["n"], change["NewImage"]["n"]) == (
        {"N": "1"},
        {"N": "2"},
    )


def test_a_table_that_is_missing(aws: Aws) -> None:
    dynamodb = aws("dynamodb")
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName="none", Key=KEY)


@pytest.mark.parametrize(
    ("operation", "members", "text"),
    [
        (
            "execute_statement",
            {"Statement": "SELECT * FROM orders"},
            "ExecuteStatement",
        ),
        (
            "scan",
            {"TableName": "orders", "ReturnConsumedCapacity": "TOTAL"},
            "ReturnConsumedCapacity",
        ),
    ],
)
def test_what_does_not_act_is_refused(
    aws: Aws, operation: str, members: dict[str, Any], text: str
) -> None:
    dynamodb = table(aws)
    with pytest.raises(ClientError, match=text) as caught:
        getattr(dynamodb, operation)(**members)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
