"""Versions, aliases and layers."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.functions import archive, invoke, result
from tests.localaws.services.functions import create as create
from tests.localaws.services.functions import lambda_role as lambda_role

Aws = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
ARN = "arn:aws:lambda:us-east-1:123456789012"


def answer(value: int) -> str:
    return f"def handler(event, context): return [{value}, context.function_version]"


@pytest.fixture
def two(aws: Aws, create: Create) -> Any:
    """Two published versions of a function; return Lambda's client."""
    client = aws("lambda")
    create(answer(1), Publish=True)
    zipped = archive(app_py=answer(2))
    client.update_function_code(FunctionName="desk", ZipFile=zipped, Publish=True)
    return client


def test_a_version_does_not_change(two: Any) -> None:
    assert result(Qualifier="1") == [1, "1"]
    assert result(Qualifier="2") == [2, "2"]
    assert result(name="desk:1") == [1, "1"]
    assert result(name=f"{ARN}:function:desk:1") == [1, "1"]
    assert result() == [2, "$LATEST"]
    versions = two.list_versions_by_function(FunctionName="desk")["Versions"]
    assert [one["Version"] for one in versions] == ["$LATEST", "1", "2"]
    assert versions[1]["FunctionArn"] == f"{ARN}:function:desk:1"
    assert versions[0]["FunctionArn"] == f"{ARN}:function:desk:$LATEST"
    with pytest.raises(two.exceptions.InvalidParameterValueException):
        two.update_function_configuration(FunctionName="desk:1", Timeout=9)


def test_nothing_new_is_no_new_version(two: Any) -> None:
    again = two.publish_version(FunctionName="desk")
    assert again["Version"] == "2"
    two.update_function_configuration(FunctionName="desk", Timeout=9)
    third = two.publish_version(FunctionName="desk", Description="slower")
    assert (third["Version"], third["Description"], third["Timeout"]) == (
        "3",
        "slower",
        9,
    )
    with pytest.raises(two.exceptions.InvalidParameterValueException):
        two.publish_version(FunctionName="desk", CodeSha256="other")


def test_an_alias_moves_to_another_version(two: Any) -> None:
    made = two.create_alias(FunctionName="desk", Name="live", FunctionVersion="1")
    assert made["AliasArn"] == f"{ARN}:function:desk:live"
    found = invoke(Qualifier="live")
    assert (found["Payload"], found["ExecutedVersion"]) == ([1, "1"], "1")
    two.update_alias(FunctionName="desk", Name="live", FunctionVersion="2")
    assert result(Qualifier="live") == [2, "2"]
    assert two.get_alias(FunctionName="desk", Name="live")["FunctionVersion"] == "2"
    listed = two.list_aliases(FunctionName="desk", FunctionVersion="1")["Aliases"]
    assert listed == []
    two.delete_alias(FunctionName="desk", Name="live")
    with pytest.raises(two.exceptions.ResourceNotFoundException):
        invoke(Qualifier="live")


def test_an_alias_shares_calls_out_by_weight(two: Any) -> None:
    two.create_alias(
        FunctionName="desk",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )
    seen = Counter(invoke(Qualifier="live")["ExecutedVersion"] for number in range(60))
    assert 6 <= seen["2"] <= 24
    assert seen.total() == 60
    two.update_alias(
        FunctionName="desk",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {}},
    )
    assert {invoke(Qualifier="live")["ExecutedVersion"] for _ in range(5)} == {"1"}


def test_what_an_alias_needs(two: Any) -> None:
    two.create_alias(FunctionName="desk", Name="live", FunctionVersion="1")
    with pytest.raises(two.exceptions.ResourceConflictException):
        two.create_alias(FunctionName="desk", Name="live", FunctionVersion="2")
    with pytest.raises(two.exceptions.ResourceNotFoundException):
        two.create_alias(FunctionName="desk", Name="next", FunctionVersion="9")
    for weights in ({"1": 0.5}, {"2": 1.5}, {"$LATEST": 0.5}):
        with pytest.raises(ClientError) as error:
            two.update_alias(
                FunctionName="desk",
                Name="live",
                RoutingConfig={"AdditionalVersionWeights": weights},
            )
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(two.exceptions.ResourceConflictException):
        two.delete_function(FunctionName="desk", Qualifier="1")
    two.delete_function(FunctionName="desk", Qualifier="2")
    with pytest.raises(two.exceptions.ResourceNotFoundException):
        invoke(Qualifier="2")


def test_a_layer_is_on_the_path(aws: Aws, create: Create) -> None:
    client = aws("lambda")
    arns = [
        client.publish_layer_version(
            LayerName="fares",
            Content={"ZipFile": archive(python__fares_py=f"BASE = {base}")},
            CompatibleRuntimes=["python3.12"],
        )["LayerVersionArn"]
        for base in (10, 20)
    ]
    assert arns == [f"{ARN}:layer:fares:{number}" for number in (1, 2)]
    code = "import fares\ndef handler(e, c): return [fares.BASE, fares.__file__]"
    made = create(code, Layers=arns[:1])
    assert [layer["Arn"] for layer in made["Layers"]] == arns[:1]
    assert result()[0] == 10
    client.update_function_configuration(FunctionName="desk", Layers=arns[1:])
    client.delete_layer_version(LayerName="fares", VersionNumber=2)
    assert result()[0] == 20
    assert client.get_layer_version(LayerName="fares", VersionNumber=1)["Version"] == 1
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_layer_version(LayerName="fares", VersionNumber=2)
    listed = client.list_layer_versions(LayerName="fares")["LayerVersions"]
    assert [one["Version"] for one in listed] == [1]
    (layer,) = client.list_layers(CompatibleRuntime="python3.12")["Layers"]
    assert layer["LayerName"] == "fares"
    assert client.list_layers(CompatibleRuntime="python3.9")["Layers"] == []


def test_a_module_of_the_function_hides_one_that_is_loaded(create: Create) -> None:
    files = archive(
        app_py="import pandas\ndef handler(e, c): return pandas.MINE",
        pandas_py="MINE = 'mine'",
    )
    create("", Code={"ZipFile": files})
    assert result() == "mine"
