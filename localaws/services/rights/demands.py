"""What an operation demands: the actions and resources that a policy has to allow."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

from localaws.services.context import Context
from localaws.services.kinesis_iterators import Iterator as ShardIterator
from localaws.wire import Request, parse_json

Demands = Iterator[tuple[str, str]]
_ACCOUNT = "us-east-1:123456789012"
_GLUE = (
    "GetDatabase",
    "GetTable",
    "GetTables",
    "GetPartition",
    "GetPartitions",
    "CreateTable",
    "UpdateTable",
    "DeleteTable",
    "CreatePartition",
    "BatchCreatePartition",
)
_KINESIS = (
    "DescribeStream",
    "DescribeStreamSummary",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "PutRecord",
    "PutRecords",
)
_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_DYNAMODB = (
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
    "DescribeTable",
)
_SQS = {
    "SendMessage": "SendMessage",
    "SendMessageBatch": "SendMessage",
    "ReceiveMessage": "ReceiveMessage",
    "DeleteMessage": "DeleteMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "GetQueueUrl": "GetQueueUrl",
    "GetQueueAttributes": "GetQueueAttributes",
}


def _catalog(context: Context, request: Request, operation: str) -> Demands:
    given = parse_json(request.body)
    base = f"arn:aws:glue:{_ACCOUNT}"
    yield f"glue:{operation}", f"{base}:catalog"
    database = given.get("DatabaseName", given.get("Name", "*"))
    yield f"glue:{operation}", f"{base}:database/{database}"
    table = given.get("TableName") or (
        given.get("Name") if "DatabaseName" in given else None
    )
    if table:
        yield f"glue:{operation}", f"{base}:table/{database}/{table}"


def _stream(context: Context, request: Request, operation: str) -> Demands:
    given = parse_json(request.body)
    name = given.get("StreamName")
    if "ShardIterator" in given:
        token = given["ShardIterator"]
        name = ShardIterator.read(token, context.clock.now()).stream
    elif "NextToken" in given:
        name = given["NextToken"].partition("/")[0]
    made = f"arn:aws:kinesis:{_ACCOUNT}:stream/{name}"
    yield f"kinesis:{operation}", str(given.get("StreamARN", made))


def _table(context: Context, request: Request, operation: str) -> Demands:
    given = parse_json(request.body)
    if operation.startswith("Transact"):
        for one in given["TransactItems"]:
            for kind, item in one.items():
                yield (
                    f"dynamodb:{_WRITES.get(kind, 'GetItem')}",
                    _arn(item["TableName"]),
                )
    elif operation.startswith("Batch"):
        for name in given["RequestItems"]:
            yield f"dynamodb:{operation}", _arn(name)
    else:
        index = f"/index/{given['IndexName']}" if given.get("IndexName") else ""
        yield f"dynamodb:{operation}", _arn(given["TableName"]) + index


def _arn(table: str) -> str:
    if table.startswith("arn:"):
        return table
    return f"arn:aws:dynamodb:{_ACCOUNT}:table/{table}"


def _queue(context: Context, request: Request, operation: str) -> Demands:
    given = parse_json(request.body)
    name = given.get("QueueName") or given["QueueUrl"].rpartition("/")[2]
    yield f"sqs:{_SQS[operation]}", f"arn:aws:sqs:{_ACCOUNT}:{name}"


def _topic(context: Context, request: Request, operation: str) -> Demands:
    given = parse_qs(request.body.decode())
    target = given.get("TopicArn") or given.get("TargetArn") or ["*"]
    yield f"sns:{operation}", target[0]


# What demands are known of, by service: its operations, and how to read them.
KNOWN: dict[str, tuple[tuple[str, ...], Callable[..., Demands]]] = {
    "glue": (_GLUE, _catalog),
    "kinesis": (_KINESIS, _stream),
    "dynamodb": (_DYNAMODB, _table),
    "sqs": (tuple(_SQS), _queue),
    "sns": (("Publish",), _topic),
}
