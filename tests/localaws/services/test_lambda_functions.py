"""Functions: made, described, changed, listed, deleted."""

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.functions import archive, invoke, result
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
ONE = "def handler(event, context): return 1"
TWO = "def handler(event, context): return 2"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_a_new_function_is_pending_and_then_active(create: Create) -> None:
    made = create(ONE, Description="first", Tags={"team": "ops"})
    assert made["State"] == "Pending"
    client = boto3.client("lambda")
    client.get_waiter("function_active_v2").wait(FunctionName="desk")
    found = client.get_function(FunctionName="desk")
    held = found["Configuration"]
    assert held["State"] == "Active"
    assert held["FunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:desk"
    zipped = archive(app_py=ONE)
    assert held["CodeSize"] == len(zipped)
    assert held["Description"] == "first"
    assert held["LastModified"].startswith("2026-01-05T08:00:")
    assert found["Tags"] == {"team": "ops"}
    alone = client.get_function_configuration(FunctionName=held["FunctionArn"])
    alone.pop("ResponseMetadata")
    assert alone == held


def test_the_digest_is_that_of_the_archive(create: Create, lambda_role: str) -> None:
    zipped = archive(app_py=ONE)
    made = create(ONE, Code={"ZipFile": zipped})
    digest = base64.b64encode(hashlib.sha256(zipped).digest()).decode()
    assert made["CodeSha256"] == digest


def test_code_comes_from_s3(aws: Aws, create: Create, bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="a.zip", Body=archive(app_py=TWO))
    create(ONE, Code={"S3Bucket": bucket, "S3Key": "a.zip"})
    assert result() == 2
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchKey") as error:
        create(ONE, "other", Code={"S3Bucket": bucket, "S3Key": "b.zip"})
    assert code_of(error) == "InvalidParameterValueException"


def test_modules_beside_the_handler_are_found(create: Create) -> None:
    files = archive(
        app__main_py="import fares\nfrom app import more\n"
        "def handler(e, c): return [fares.BASE, more.X, open('data.txt').read()]",
        app____init___py="",
        app__more_py="X = 2",
        fares_py="BASE = 1",
        **{"data.txt": "three"},
    )
    create(ONE, Code={"ZipFile": files}, Handler="app/main.handler")
    assert result() == [1, 2, "three"]


def test_update_replaces_the_code_and_the_configuration(
    aws: Aws, create: Create
) -> None:
    first = create(ONE)
    assert result() == 1
    client = aws("lambda")
    changed = client.update_function_code(
        FunctionName="desk", ZipFile=archive(app_py=TWO)
    )
    assert changed["LastUpdateStatus"] == "InProgress"
    client.get_waiter("function_updated_v2").wait(FunctionName="desk")
    assert result() == 2
    assert changed["CodeSha256"] != first["CodeSha256"]
    assert changed["RevisionId"] != first["RevisionId"]
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.update_function_configuration(
            FunctionName="desk", Timeout=9, RevisionId=first["RevisionId"]
        )
    held = client.update_function_configuration(
        FunctionName="desk", Timeout=9, Environment={"Variables": {"PLACE": "b"}}
    )
    assert (held["Timeout"], held["Environment"]) == (9, {"Variables": {"PLACE": "b"}})
    assert (held["MemorySize"], held["Handler"]) == (128, "app.handler")
    dry = client.update_function_code(
        FunctionName="desk", ZipFile=archive(app_py=ONE), DryRun=True
    )
    assert dry["CodeSha256"] == first["CodeSha256"]
    assert result() == 2


def test_a_deleted_function_is_gone(aws: Aws, create: Create) -> None:
    create(ONE)
    aws("lambda").delete_function(FunctionName="desk")
    with pytest.raises(ClientError) as error:
        aws("lambda").get_function(FunctionName="desk")
    assert code_of(error) == "ResourceNotFoundException"
    assert aws("lambda").list_functions()["Functions"] == []
    create(TWO)
    assert result() == 2


def test_functions_are_listed_page_by_page(aws: Aws, create: Create) -> None:
    names = [f"desk-{number}" for number in range(5)]
    for name in names:
        create(ONE, name)
    pages = list(
        aws("lambda")
        .get_paginator("list_functions")
        .paginate(PaginationConfig={"PageSize": 2})
    )
    assert [len(page["Functions"]) for page in pages] == [2, 2, 1]
    found = [one["FunctionName"] for page in pages for one in page["Functions"]]
    assert found == names


def test_tags_are_added_and_removed(aws: Aws, create: Create) -> None:
    arn = create(ONE)["FunctionArn"]
    client = aws("lambda")
    client.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_one_of_several_same_functions_wins(create: Create) -> None:
    def attempt(number: int) -> str:
        try:
            create(f"def handler(event, context): return {number}")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "made"

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(attempt, range(8)))
    assert found == ["ResourceConflictException"] * 7 + ["made"]


def test_what_a_function_needs(aws: Aws, create: Create, role: str) -> None:
    create(ONE)
    with pytest.raises(ClientError, match="Function already exist: desk") as error:
        create(TWO)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    for members, message in (
        ({"Role": role}, "cannot be assumed by Lambda"),
        ({"Role": "arn:aws:iam::123456789012:role/none"}, "cannot be assumed"),
        ({"Code": {"ZipFile": b"no zip"}}, "Could not unzip uploaded file"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys"),
        ({"Environment": {"Variables": {"BIG": "x" * 4096}}}, "exceeded the 4KB limit"),
        ({"Timeout": 901}, "less than or equal to 900"),
        ({"MemorySize": 10_241}, "less than or equal to 10240"),
        ({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:a:1"]}, "not exist"),
    ):
        with pytest.raises(ClientError, match=message) as error:
            create(ONE, "other", **members)
            pytest.fail(message)
        assert code_of(error) in (
            "InvalidParameterValueException",
            "ValidationException",
        )
    assert len(aws("lambda").list_functions()["Functions"]) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"Runtime": "nodejs22.x"},
        {"PackageType": "Image", "Code": {"ImageUri": "x"}},
        {"VpcConfig": {"SubnetIds": ["subnet-1"]}},
        {"Architectures": ["arm64"]},
        {"SnapStart": {"ApplyOn": "PublishedVersions"}},
        {"LoggingConfig": {"LogFormat": "JSON"}},
        {"TracingConfig": {"Mode": "Active"}},
    ],
    ids=lambda members: next(iter(members)),
)
def test_what_does_not_act_is_refused(create: Create, members: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        create(ONE, **members)
    assert code_of(error) == "NotImplementedInLocalEndpoint"
    assert boto3.client("lambda").list_functions()["Functions"] == []


def test_another_log_group(aws: Aws, create: Create) -> None:
    create(ONE, LoggingConfig={"LogGroup": "/desk/all"})
    invoke()
    groups = aws("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/desk/all"]
