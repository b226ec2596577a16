"""The variables and arguments of the framework containers."""

import json

import pytest

from localaws.jobs import Channel, Resource, Workspace

HYPERPARAMETERS = {
    "max-depth": "3",
    "eta": "0.10",
    "name": "storm",
    "quoted": '"text"',
    "flag": "true",
    "nothing": "null",
    "layers": "[64, 32]",
    "map": '{"b": 2, "a": 1}',
    "n": "5",
    "where": "/opt/ml/model",
    "sagemaker_program": '"train.py"',
    "sagemaker_submit_directory": "s3://bucket/sourcedir.tar.gz",
    "sagemaker_mpi_enabled": "false",
    "_tuning_objective_metric": "validation:auc",
}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "job")


@pytest.fixture
def variables(workspace) -> dict[str, str]:
    return workspace.environment(
        HYPERPARAMETERS,
        {"train": Channel("text/csv"), "Validation": Channel()},
        "train.py",
        resource=Resource("ml.m5.large", cpus=2),
        job_name="my-job",
        region="eu-west-1",
        base={"MINE": "/opt/ml/x", "SM_MODEL_DIR": "overridden"},
    )


def test_arguments_are_sorted_and_python_spelled(workspace) -> None:
    assert workspace.arguments(HYPERPARAMETERS) == [
        *("--eta", "0.1"),
        *("--flag", "True"),
        *("--layers", "[64, 32]"),
        *("--map", "a=1,b=2"),
        *("--max-depth", "3"),
        *("-n", "5"),
        *("--name", "storm"),
        *("--nothing", ""),
        *("--quoted", "text"),
        *("--where", f"{workspace.opt}/model"),
    ]


def test_folders(workspace, variables) -> None:
    opt = workspace.opt
    assert variables["SM_MODEL_DIR"] == f"{opt}/model"
    assert variables["SM_CHANNEL_TRAIN"] == f"{opt}/input/data/train"
    assert variables["SM_CHANNEL_VALIDATION"] == f"{opt}/input/data/Validation"
    assert variables["SM_OUTPUT_DATA_DIR"] == f"{opt}/output/data"
    assert variables["SM_OUTPUT_DIR"] == f"{opt}/output"
    assert variables["SM_INPUT_DIR"] == f"{opt}/input"
    assert variables["SM_INPUT_CONFIG_DIR"] == f"{opt}/input/config"
    assert variables["SM_OUTPUT_INTERMEDIATE_DIR"] == f"{opt}/output/intermediate"
    assert variables["MINE"] == f"{opt}/x"


def test_hyperparameters_are_json_and_single(workspace, variables) -> None:
    assert json.loads(variables["SM_HPS"]) == {
        "max-depth": 3,
        "eta": 0.1,
        "name": "storm",
        "quoted": "text",
        "flag": True,
        "nothing": None,
        "layers": [64, 32],
        "map": {"a": 1, "b": 2},
        "n": 5,
        "where": f"{workspace.opt}/model",
    }
    assert variables["SM_HP_MAX-DEPTH"] == "3"
    assert variables["SM_HP_NAME"] == "storm"
    assert variables["SM_HP_FLAG"] == "true"
    assert variables["SM_HP_NOTHING"] == ""
    assert variables["SM_HP_LAYERS"] == "[64,32]"
    assert variables["SM_HP_MAP"] == '{"a":1,"b":2}'
    assert not [name for name in variables if name.startswith("SM_HP_SAGEMAKER")]


def test_the_rest_of_the_contract(workspace, variables) -> None:
    assert variables["SM_USER_ENTRY_POINT"] == "train.py"
    assert variables["SM_MODULE_NAME"] == "train"
    assert variables["SM_MODULE_DIR"] == "s3://bucket/sourcedir.tar.gz"
    assert json.loads(variables["SM_CHANNELS"]) == ["Validation", "train"]
    assert json.loads(variables["SM_HOSTS"]) == ["algo-1"]
    assert json.loads(variables["SM_USER_ARGS"]) == workspace.arguments(HYPERPARAMETERS)
    assert json.loads(variables["SM_FRAMEWORK_PARAMS"]) == {
        "sagemaker_mpi_enabled": False
    }
    assert json.loads(variables["SM_INPUT_DATA_CONFIG"])["train"]["ContentType"]
    assert json.loads(variables["SM_RESOURCE_CONFIG"])["current_host"] == "algo-1"
    assert variables["SM_CURRENT_HOST"] == variables["CURRENT_HOST"] == "algo-1"
    assert variables["SM_CURRENT_INSTANCE_TYPE"] == "ml.m5.large"
    assert (variables["SM_NUM_CPUS"], variables["SM_NUM_GPUS"]) == ("2", "0")
    assert variables["SM_LOG_LEVEL"] == "20"
    assert variables["SM_NETWORK_INTERFACE_NAME"] == "eth0"
    assert variables["SAGEMAKER_REGION"] == "eu-west-1"
    training = json.loads(variables["SM_TRAINING_ENV"])
    assert training["job_name"] == "my-job"
    assert training["is_master"] is True
    assert training["channel_input_dirs"]["train"] == variables["SM_CHANNEL_TRAIN"]
    assert training["hyperparameters"]["eta"] == 0.1
