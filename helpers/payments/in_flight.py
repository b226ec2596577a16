"""Where payments are enriched in flight: a stream, two tables, a queue and a role."""

import json
from typing import Any

from helpers.payments.naming import Clients, Given
from helpers.payments.replay import replay
from helpers.payments.roles import role

MANAGED = "service-role/AWSLambdaKinesisExecutionRole"
RIGHTS = [
    {
        "Effect": "Allow",
        "Action": "dynamodb:*",
        "Resource": [
            f"arn:aws:dynamodb:*:*:table/{name}-*" for name in ("enriched", "terminals")
        ],
    },
    {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:*:*:given-up-*",
    },
]
PIECE = 100


def land(given: Given, aws: Clients) -> Given:
    """Make the places, once.

    Returns:
        What was given, with `stream_arn`, `queue_arn`, `queue_url`, the `role` of the
        function, and `records`, the data of each record of the replay.
    """
    drawn, table = replay(given["seed"]), given["terminals"]
    if _table(table, ["terminal_id"], aws):
        _fill(table, [*drawn.terminals.values()], aws)
    made = role(f"enricher-{table}", "lambda", RIGHTS, aws, MANAGED)
    return _places(given, aws) | {"role": made, "records": drawn.texts}


def send(stream: str, texts: list[str], aws: Clients) -> list[str]:
    """Send records in this order, and give the sequence number of each."""
    found = []
    for start in range(0, len(texts), PIECE):
        records = [
            {"Data": text.encode(), "PartitionKey": "terminals"}
            for text in texts[start : start + PIECE]
        ]
        answer = aws("kinesis").put_records(StreamName=stream, Records=records)
        found += [each["SequenceNumber"] for each in answer["Records"]]
    return found


def rows(table: str, aws: Clients) -> list[Given]:
    """Give the items of a table."""
    pages = aws("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [
        {name: _plain(value) for name, value in item.items()}
        for page in pages
        for item in page["Items"]
    ]


def failed(url: str, aws: Clients) -> list[Given]:
    """Take what a queue was told of batches that were given up."""
    sqs, found = aws("sqs"), []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(_batch(message["Body"]))
    return found


def remove(given: Given, aws: Clients) -> None:
    """Delete the function and its mapping, the stream, the payments and the queue."""
    functions, kinesis = aws("lambda"), aws("kinesis")
    name = given["function"]
    mapped = functions.list_event_source_mappings(EventSourceArn=given["stream_arn"])
    for each in mapped["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=each["UUID"])
    if name in [each["FunctionName"] for each in _functions(functions)]:
        functions.delete_function(FunctionName=name)
    kinesis.delete_stream(StreamName=given["stream"], EnforceConsumerDeletion=True)
    aws("dynamodb").delete_table(TableName=given["table"])
    aws("sqs").delete_queue(QueueUrl=given["queue_url"])


def _places(given: Given, aws: Clients) -> Given:
    """Make the stream, the table of payments and the queue, once; give their ARNs."""
    kinesis, sqs, stream = aws("kinesis"), aws("sqs"), given["stream"]
    if stream not in kinesis.list_streams(Limit=1000)["StreamNames"]:
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    told = kinesis.describe_stream_summary(StreamName=stream)
    _table(given["table"], ["terminal_id", "moment"], aws)
    url = sqs.create_queue(QueueName=given["queue"])["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return given | {
        "stream_arn": told["StreamDescriptionSummary"]["StreamARN"],
        "queue_arn": found["Attributes"]["QueueArn"],
        "queue_url": url,
    }


def _functions(functions: Any) -> list[Given]:
    pages = functions.get_paginator("list_functions").paginate()
    return [each for page in pages for each in page["Functions"]]


def _table(name: str, key: list[str], aws: Clients) -> bool:
    """Make a table, and say whether it was not there before."""
    dynamodb = aws("dynamodb")
    if name in dynamodb.list_tables()["TableNames"]:
        return False
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in key
        ],
        KeySchema=[
            {"AttributeName": each, "KeyType": kind}
            for each, kind in zip(key, ("HASH", "RANGE"), strict=False)
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    return True


def _fill(table: str, rows: list[Given], aws: Clients) -> None:
    items = [{name: {"S": value} for name, value in row.items()} for row in rows]
    for start in range(0, len(items), 25):
        left = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        while left:
            answer = aws("dynamodb").batch_write_item(RequestItems={table: left})
            left = answer["UnprocessedItems"].get(table, [])


def _plain(value: Given) -> Any:
    ((kind, held),) = value.items()
    if kind == "N":
        return float(held)
    return held if kind in ("S", "BOOL") else None if kind == "NULL" else str(held)


def _batch(body: str) -> Given:
    try:
        told = json.loads(body)["KinesisBatchInfo"]
        return {
            "first": told["startSequenceNumber"],
            "last": told["endSequenceNumber"],
            "size": told["batchSize"],
        }
    except (ValueError, KeyError, TypeError):
        return {"body": body[:200]}
