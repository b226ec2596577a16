"""The nightly files of February, the six that are broken, and their way into AWS."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pandas as pd

COLUMNS = ["day", "sched_dep_time", "dep_time", "dep_delay", "carrier", "flight"]
COLUMNS += ["tailnum", "origin", "dest"]
TYPES = {"int64": "bigint", "float64": "double", "str": "string"}
SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
Nights = dict[str, pd.DataFrame]
PARQUET = {"SerializationLibrary": SERDE}


def nights(flights: pd.DataFrame) -> Nights:
    """Give one table for each day of February, by its date."""
    rows = flights[flights["month"] == 2]
    dates = pd.to_datetime(rows[["year", "month", "day"]]).astype("str")
    return {date: day[COLUMNS] for date, day in rows.groupby(dates)}


def broken(nights: Nights) -> dict[str, tuple[str, pd.DataFrame]]:
    """Give the six files that went wrong, each with what happened to it."""
    named = {date[-2:]: rows for date, rows in nights.items()}
    seconds = named["19"].assign(dep_delay=60 * named["19"]["dep_delay"])
    empty = named["22"].assign(carrier=pd.Series(dtype="str"))
    faults = {
        "05": ("no column origin", named["05"].drop(columns="origin")),
        "13": ("sent twice", pd.concat([named["13"]] * 2)),
        "15": ("cut at noon", named["15"].query("sched_dep_time < 1200")),
        "19": ("delays in seconds", seconds),
        "22": ("carriers empty", empty),
        "26": ("yesterday's file", named["25"]),
    }
    return {f"2013-02-{day}": fault for day, fault in faults.items()}


def land(files: Nights, bucket: str) -> None:
    """Put one file a folder into the bucket, and make the table `desk.landing`."""
    glue, s3 = boto3.client("glue"), boto3.client("s3")
    kinds = files["2013-02-01"].dtypes.astype("str").map(TYPES)
    columns = [{"Name": name, "Type": kind} for name, kind in kinds.items()]

    def storage(folder: str) -> dict[str, Any]:
        place = f"s3://{bucket}/{folder}"
        return {"Columns": columns, "Location": place, "SerdeInfo": PARQUET}

    partitions = []
    for date, rows in files.items():
        folder = f"landing/date={date}/"
        body = rows.to_parquet(index=False)
        s3.put_object(Bucket=bucket, Key=f"{folder}flights.parquet", Body=body)
        partitions.append({"Values": [date], "StorageDescriptor": storage(folder)})
    table = {
        "Name": "landing",
        "PartitionKeys": [{"Name": "date", "Type": "string"}],
        "StorageDescriptor": storage("landing/"),
    }
    glue.create_database(DatabaseInput={"Name": "desk"})
    glue.create_table(DatabaseName="desk", TableInput=table)
    where = {"DatabaseName": "desk", "TableName": "landing"}
    glue.batch_create_partition(**where, PartitionInputList=partitions)


def policy(**statement: Any) -> str:
    """Write a policy of one statement that allows something."""
    allowed = {"Effect": "Allow", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def role(name: str) -> str:
    """Make a role that AWS Glue and DataBrew may assume, and give its ARN."""
    iam = boto3.client("iam")
    services = {"Service": ["glue.amazonaws.com", "databrew.amazonaws.com"]}
    trust = policy(Principal=services, Action="sts:AssumeRole")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    actions = ["s3:*Object", "s3:ListBucket", "glue:*", "cloudwatch:PutMetricData"]
    may = policy(Action=actions, Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="gate", PolicyDocument=may)
    return made["Role"]["Arn"]


def queue(name: str, rule: str) -> tuple[str, str]:
    """Make a queue that a rule of EventBridge may send to; give its URL and ARN."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    may = policy(
        Principal={"Service": "events.amazonaws.com"},
        Action="sqs:SendMessage",
        Resource=arn,
        Condition={"ArnEquals": {"aws:SourceArn": rule}},
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": may})
    return url, arn


def source(date: str) -> dict[str, Any]:
    """Name one day's partition of the table as a data source."""
    options = {"pushDownPredicate": f"date = '{date}'"}
    where = {"DatabaseName": "desk", "TableName": "landing"}
    return {"GlueTable": where | {"AdditionalOptions": options}}


def ended(look: Callable[..., Any], run: str) -> dict[str, Any]:
    """Wait until a run of AWS Glue Data Quality has ended, and give it."""
    while look(RunId=run)["Status"] in ("STARTING", "RUNNING"):
        time.sleep(0.1)
    return look(RunId=run)


def messages(url: str, count: int) -> list[dict[str, Any]]:
    """Take that many events out of a queue."""
    sqs, found = boto3.client("sqs"), []
    while len(found) < count:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20
        )
        for message in answer["Messages"]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found
