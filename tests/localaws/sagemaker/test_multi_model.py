"""Multi-model endpoints: loaded when asked, unloaded when others are asked."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from localaws.sagemaker.multi_model import LOADED
from tests.localaws.sagemaker.desk import (
    BUCKET,
    ask,
    container,
    deploy,
    logged,
    measured,
    processes,
    store,
)

pytestmark = pytest.mark.usefixtures("bucket")
PREFIX = f"s3://{BUCKET}/models/"
GROUP = "/aws/sagemaker/Endpoints/desk"


@pytest.fixture
def many(aws: Callable[[str], Any], role: str) -> Callable[..., dict[str, Any]]:
    """Deploy the models below a prefix, `1.tar.gz` multiplying by 1, and so on."""

    def run(**more: Any) -> dict[str, Any]:
        for number in range(1, LOADED + 2):
            store(f"models/{number}.tar.gz", number)
        aws("sagemaker").create_model(
            ModelName="many",
            ExecutionRoleArn=role,
            PrimaryContainer=container(PREFIX, Mode="MultiModel", **more),
        )
        return deploy("many")

    return run


def loads(number: int) -> int:
    """Count how often a model was loaded."""
    return logged(GROUP).count(f"loading {number}")


Many = Callable[..., dict[str, Any]]


def test_a_request_names_its_model(many: Many) -> None:
    assert many()["EndpointStatus"] == "InService"
    assert ask(b"3", TargetModel="1.tar.gz") == b"3.0"
    assert ask(b"3", TargetModel="2.tar.gz") == b"6.0"
    assert ask(b"3", TargetModel="/2.tar.gz") == b"6.0"


def test_a_model_is_loaded_when_it_is_first_asked(
    many: Many, endpoint: Connection
) -> None:
    before = processes(endpoint)
    many()
    assert not processes(endpoint) - before
    for _ in range(3):
        ask(TargetModel="1.tar.gz")
    assert loads(1) == 1
    assert loads(2) == 0


def test_the_model_asked_longest_ago_is_unloaded(many: Many) -> None:
    many()
    for number in range(1, LOADED + 1):
        ask(TargetModel=f"{number}.tar.gz")
    ask(TargetModel="1.tar.gz")
    ask(TargetModel=f"{LOADED + 1}.tar.gz")
    ask(TargetModel="1.tar.gz")
    ask(TargetModel="2.tar.gz")
    assert [loads(number) for number in (1, 2, LOADED + 1)] == [1, 2, 1]


def test_loading_is_measured(many: Many) -> None:
    many()
    for number in (1, 1, 1, 2):
        ask(TargetModel=f"{number}.tar.gz")
    where = {"EndpointName": "desk", "VariantName": "AllTraffic"}
    assert measured("ModelCacheHit", "Average", **where) == 0.5
    assert measured("ModelLoadingTime", "SampleCount", **where) == 2
    assert measured("ModelLoadingWaitTime", "Minimum", **where) > 0


def test_without_a_cache_every_request_loads(many: Many, endpoint: Connection) -> None:
    before = processes(endpoint)
    many(MultiModelConfig={"ModelCacheSetting": "Disabled"})
    ask(TargetModel="1.tar.gz")
    ask(TargetModel="1.tar.gz")
    assert loads(1) == 2
    assert not processes(endpoint) - before


def test_a_new_archive_is_seen_when_it_is_loaded_again(many: Many) -> None:
    many()
    assert ask(b"3", TargetModel="1.tar.gz") == b"3.0"
    store("models/1.tar.gz", 10)
    store("models/new.tar.gz", 11)
    assert ask(b"3", TargetModel="1.tar.gz") == b"3.0"
    assert ask(b"3", TargetModel="new.tar.gz") == b"33.0"


def test_a_model_that_is_not_there(many: Many) -> None:
    many()
    with pytest.raises(ClientError) as caught:
        ask(TargetModel="none.tar.gz")
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert "(bucket: on-time-desk, key: models/none.tar.gz)" in error["Message"]
    store("models/none.tar.gz", 7)
    assert ask(b"3", TargetModel="none.tar.gz") == b"21.0"


def test_a_model_that_does_not_load(many: Many) -> None:
    many()
    store("models/zero.tar.gz", 0)
    with pytest.raises(ClientError, match="a factor of zero") as caught:
        ask(TargetModel="zero.tar.gz")
    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert ask(b"3", TargetModel="1.tar.gz") == b"3.0"


def test_many_requests_load_a_model_once(many: Many) -> None:
    many()
    answers: list[bytes] = []

    def run(number: int) -> None:
        answers.append(ask(b"3", TargetModel=f"{number % 2 + 1}.tar.gz"))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [b"3.0"] * 4 + [b"6.0"] * 4
    assert (loads(1), loads(2)) == (1, 1)


def test_a_request_has_to_name_a_model(many: Many) -> None:
    many()
    with pytest.raises(ClientError, match="missing a target model header") as caught:
        ask()
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_endpoint_of_one_model_takes_no_target(
    aws: Callable[[str], Any], role: str
) -> None:
    aws("sagemaker").create_model(
        ModelName="one",
        ExecutionRoleArn=role,
        PrimaryContainer=container(store("one.tar.gz", 2)),
    )
    deploy("one")
    with pytest.raises(ClientError, match="is not a multi-model endpoint"):
        ask(TargetModel="1.tar.gz")


def test_deleting_the_endpoint_unloads_every_model(
    many: Many, aws: Callable[[str], Any], endpoint: Connection
) -> None:
    before = processes(endpoint)
    many()
    ask(TargetModel="1.tar.gz")
    ask(TargetModel="2.tar.gz")
    aws("sagemaker").delete_endpoint(EndpointName="desk")
    assert not processes(endpoint) - before


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"ModelDataUrl": f"{PREFIX}1.tar.gz", "Mode": "MultiModel"}, "is the prefix"),
        ({"Mode": "MultiModel"}, "needs ModelDataUrl"),
        (
            {"MultiModelConfig": {"ModelCacheSetting": "Enabled"}},
            "needs the Mode MultiModel",
        ),
    ],
)
def test_definitions_that_do_not_go_together(
    aws: Callable[[str], Any], role: str, definition: dict[str, Any], message: str
) -> None:
    image = container("")["Image"]
    with pytest.raises(ClientError, match=message) as caught:
        aws("sagemaker").create_model(
            ModelName="many",
            ExecutionRoleArn=role,
            PrimaryContainer={"Image": image, **definition},
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
