"""An AWS Lambda function: count departures and their delay, hour by hour."""

import base64
import json
import os

import boto3

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


def naive(event: dict, context: object) -> None:
    """Add each record to the hour for which it was scheduled."""
    for record in event["Records"]:
        dynamodb.update_item(TableName=TABLE, **added(departure(record)))


def once(event: dict, context: object) -> dict:
    """Add each record that was not added before; report the first that does not fit.

    Returns:
        The sequence number from which Lambda is to try again, if there is one.
    """
    for record in event["Records"]:
        number = record["kinesis"]["sequenceNumber"]
        try:
            add_once(departure(record))
        except (KeyError, ValueError) as error:
            print(f"record {number} does not fit: {error}")
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def departure(record: dict) -> dict:
    """Decode a record of the stream."""
    row = json.loads(base64.b64decode(record["kinesis"]["data"]))
    return row | {"delay": int(row["delay"])}


def added(row: dict) -> dict:
    """Say how a departure changes the item of its hour."""
    return {
        "Key": {"key": {"S": f"{row['origin']} {row['scheduled'][:13]}"}},
        "UpdateExpression": "ADD flights :one, minutes :delay",
        "ExpressionAttributeValues": {
            ":one": {"N": "1"},
            ":delay": {"N": str(row["delay"])},
        },
    }


def add_once(row: dict) -> None:
    """Note the departure and add it to its hour, both or neither."""
    seen = {
        "TableName": TABLE,
        "Item": {"key": {"S": f"departure {row['id']}"}},
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": "key"},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": seen},
                {"Update": {"TableName": TABLE, **added(row)}},
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if codes[0] != "ConditionalCheckFailed":
            raise
