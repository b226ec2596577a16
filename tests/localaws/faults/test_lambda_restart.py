"""Functions, their settings and what waits for them outlive a kill."""

from pathlib import Path
from typing import Any

import boto3

from tests.localaws.faults.killing import again, running
from tests.localaws.services.functions import (
    archive,
    eventually,
    invoke,
    logged,
    queue,
    result,
    trust,
)

CODE = """
import fares
def handler(event, context):
    print("try")
    if event == "fail":
        raise ValueError("late")
    return [fares.BASE, context.function_version]
"""


def described() -> list[Any]:
    client = boto3.client("lambda")
    calls = (
        client.list_functions(FunctionVersion="ALL")["Functions"],
        client.get_function(FunctionName="desk")["Tags"],
        client.list_aliases(FunctionName="desk")["Aliases"],
        client.get_policy(FunctionName="desk")["Policy"],
        client.list_event_source_mappings()["EventSourceMappings"],
        client.list_layers()["Layers"],
        client.get_function_concurrency(FunctionName="desk"),
        client.list_function_event_invoke_configs(FunctionName="desk"),
    )
    for one in calls:
        if isinstance(one, dict):
            one.pop("ResponseMetadata", None)
    return list(calls)


def test_what_there_was_is_there_again(home: Path) -> None:
    with running():
        client = boto3.client("lambda")
        role = boto3.client("iam").create_role(
            RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        layer = client.publish_layer_version(
            LayerName="fares", Content={"ZipFile": archive(python__fares_py="BASE = 7")}
        )["LayerVersionArn"]
        client.create_function(
            FunctionName="desk",
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Timeout=30,
            Code={"ZipFile": archive(app_py=CODE)},
            Layers=[layer],
            Tags={"team": "ops"},
            Publish=True,
        )
        client.create_alias(FunctionName="desk", Name="live", FunctionVersion="1")
        client.add_permission(
            FunctionName="desk",
            StatementId="s",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        )
        client.put_function_concurrency(
            FunctionName="desk", ReservedConcurrentExecutions=5
        )
        client.put_function_event_invoke_config(
            FunctionName="desk", MaximumRetryAttempts=1
        )
        client.create_event_source_mapping(
            EventSourceArn=queue()[1], FunctionName="desk"
        )
        before = described()
        assert result(name="desk:live") == [7, "1"]
        again()
        assert described() == before
        assert result(name="desk:live") == [7, "1"]
        client.delete_function(FunctionName="desk")
        again()
        assert boto3.client("lambda").list_functions()["Functions"] == []


def test_an_accepted_event_is_handled_after_the_kill(home: Path) -> None:
    with running():
        client = boto3.client("lambda")
        role = boto3.client("iam").create_role(
            RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        client.create_function(
            FunctionName="desk",
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Timeout=30,
            Code={"ZipFile": archive(app_py=CODE, fares_py="BASE = 7")},
        )
        invoke("fail", InvocationType="Event")
        eventually(lambda: logged().count("try") == 1)
        connection = again()
        connection.control("POST", "clock", {"seconds": 70})
        assert logged().count("try") == 2
        connection.control("POST", "clock", {"seconds": 600})
        assert logged().count("try") == 3


def test_a_table_stream_goes_on_after_the_kill(home: Path) -> None:
    with running() as connection:
        client, dynamodb = boto3.client("lambda"), boto3.client("dynamodb")
        role = boto3.client("iam").create_role(
            RoleName="fn", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        code = """
def handler(event, context):
    for one in event["Records"]:
        print("got", one["dynamodb"]["Keys"]["id"]["S"])
"""
        client.create_function(
            FunctionName="desk",
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": archive(app_py=code)},
        )
        made = dynamodb.create_table(
            TableName="gates",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        stream = made["TableDescription"]["LatestStreamArn"]
        client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName="desk", StartingPosition="TRIM_HORIZON"
        )
        dynamodb.put_item(TableName="gates", Item={"id": {"S": "A1"}})
        connection.control("POST", "clock", {"seconds": 10})
        eventually(lambda: logged().count("got A1") == 1)
        connection = again()
        found = dynamodb.describe_table(TableName="gates")["Table"]
        assert found["LatestStreamArn"] == stream
        dynamodb.put_item(TableName="gates", Item={"id": {"S": "A2"}})
        connection.control("POST", "clock", {"seconds": 10})
        eventually(lambda: logged().count("got A2") == 1)
        assert logged().count("got A1") == 1
