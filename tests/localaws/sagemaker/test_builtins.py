"""The built-in algorithms: trained, deployed and asked through boto3."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest
from botocore.exceptions import ClientError
from sagemaker.core import image_uris
from sklearn.datasets import load_iris

from localaws.algorithms import recordio
from tests.localaws.sagemaker.conftest import channel, ended
from tests.localaws.sagemaker.hosted import deploy, variant
from tests.localaws.sagemaker.trained import unpacked

Start = Callable[..., dict[str, Any]]
IRIS, KIND = load_iris(return_X_y=True)
IRIS = IRIS.astype(np.float32)
RECORDIO, UNLABELLED = "application/x-recordio-protobuf", "text/csv;label_size=0"
ROW = "5.1,3.5,1.4,0.2"


def csv(table: np.ndarray) -> bytes:
    return "".join(",".join(f"{x:g}" for x in row) + "\n" for row in table).encode()


TABLE = csv(np.c_[KIND, IRIS])
RECORDS = recordio.encode(IRIS, KIND)
TEXT = b"__label__late late again\n__label__early early today\n" * 20


@pytest.fixture
def begin(start: Start, aws: Callable[[str], Any], bucket: str) -> Start:
    """Start a built-in's training job: `begin(name, {hyperparameter: value})`."""

    def run(
        name: str,
        hyperparameters: dict[str, str],
        content_type: str = "text/csv",
        instances: int = 1,
        version: str = "1",
        **channels: bytes,
    ) -> None:
        inputs = []
        for key, body in channels.items():
            aws("s3").put_object(Bucket=bucket, Key=f"{name}/{key}/part", Body=body)
            uri = f"s3://{bucket}/{name}/{key}/"
            inputs.append(channel(key, uri, ContentType=content_type))
        start(
            "",
            name,
            AlgorithmSpecification={
                "TrainingImage": image_uris.retrieve(name, "us-east-1", version),
                "TrainingInputMode": "File",
            },
            HyperParameters=hyperparameters,
            InputDataConfig=inputs,
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": instances,
                "VolumeSizeInGB": 1,
            },
        )

    return run


CASES: dict[str, tuple[dict[str, str], str, bytes, str, str, Callable[[Any], bool]]] = {
    "linear-learner": (
        {
            "predictor_type": "multiclass_classifier",
            "num_classes": "3",
            "mini_batch_size": "30",
        },
        "text/csv",
        TABLE,
        ROW,
        "text/csv",
        lambda found: found["predictions"][0]["predicted_label"] == 0,
    ),
    "kmeans": (
        {"k": "3", "feature_dim": "4"},
        UNLABELLED,
        csv(IRIS),
        ROW,
        "text/csv",
        lambda found: found["predictions"][0]["distance_to_cluster"] < 1,
    ),
    "pca": (
        {"feature_dim": "4", "num_components": "2", "mini_batch_size": "50"},
        RECORDIO,
        RECORDS,
        json.dumps({"instances": [{"features": IRIS[0].tolist()}]}),
        "application/json",
        lambda found: len(found["projections"][0]["projection"]) == 2,
    ),
    "knn": (
        {
            "feature_dim": "4",
            "k": "3",
            "sample_size": "150",
            "predictor_type": "classifier",
        },
        "text/csv",
        TABLE,
        ROW,
        "text/csv",
        lambda found: found["predictions"] == [{"predicted_label": 0.0}],
    ),
    "randomcutforest": (
        {"feature_dim": "4", "num_trees": "50"},
        UNLABELLED,
        csv(IRIS),
        f"{ROW}\n50,3,1,0\n",
        "text/csv",
        lambda found: found["scores"][1]["score"] > 2 * found["scores"][0]["score"],
    ),
    "factorization-machines": (
        {"feature_dim": "4", "num_factors": "2", "predictor_type": "regressor"},
        RECORDIO,
        RECORDS,
        json.dumps({"instances": [{"features": IRIS[0].tolist()}]}),
        "application/json",
        lambda found: list(found["predictions"][0]) == ["score"],
    ),
    "blazingtext": (
        {"mode": "supervised", "vector_dim": "10", "epochs": "10"},
        "text/plain",
        TEXT,
        json.dumps({"instances": ["late again"]}),
        "application/json",
        lambda found: found[0]["label"] == ["__label__late"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_trained_deployed_and_asked(
    begin: Start, role: str, bucket: str, name: str
) -> None:
    hyperparameters, kind, train, request, asked, holds = CASES[name]
    begin(name, hyperparameters, kind, train=train)
    job = ended(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    artefact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert list(unpacked(artefact)) == [
        "model.bin" if name == "blazingtext" else "model_algo-1"
    ]
    boto3.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={
            "Image": image_uris.retrieve(name, "us-east-1"),
            "ModelDataUrl": artefact,
        },
    )
    endpoint = deploy(name, variant(name))
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    runtime = boto3.client("sagemaker-runtime")
    options = {"EndpointName": name, "ContentType": asked}
    answer = runtime.invoke_endpoint(Body=request, **options)
    assert answer["ContentType"] == "application/json"
    assert holds(json.loads(answer["Body"].read()))
    with pytest.raises(ClientError, match="ModelError") as caught:
        runtime.invoke_endpoint(Body=b"{}", **options)
    assert caught.value.response["OriginalStatusCode"] == 400
    with pytest.raises(ClientError, match="not supported") as caught:
        runtime.invoke_endpoint(EndpointName=name, ContentType="image/png", Body=b"x")
    assert caught.value.response["OriginalStatusCode"] == 415


def test_the_documented_metrics_reach_the_description(begin: Start) -> None:
    begin(
        "knn",
        CASES["knn"][0],
        train=TABLE,
        test=TABLE,
    )
    (metric,) = ended("knn")["FinalMetricDataList"]
    assert metric["MetricName"] == "test:accuracy"
    assert metric["Value"] > 0.9


@pytest.mark.parametrize("kind", ["application/x-parquet", RECORDIO])
def test_xgboost_reads_binary_formats(begin: Start, kind: str) -> None:
    stream = BytesIO()
    names = ["kind", *"abcd"]
    pd.DataFrame(np.c_[KIND, IRIS], columns=names).to_parquet(stream)
    body = RECORDS if kind == RECORDIO else stream.getvalue()
    given = {"num_round": "5", "objective": "multi:softmax", "num_class": "3"}
    begin("xgboost", given, kind, version="1.7-1", train=body, validation=body)
    job = ended("xgboost")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = {one["MetricName"]: one["Value"] for one in job["FinalMetricDataList"]}
    assert found["validation:mlogloss"] < 0.5


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("kmeans", {"feature_dim": "4"}, "Missing required hyperparameter: k"),
        ("kmeans", {"k": "3", "feature_dim": "0"}, "feature_dim: 0 is not in"),
        ("pca", {"components": "2"}, "Missing required hyperparameter: feature_dim"),
        (
            "linear-learner",
            {"predictor_type": "regressor", "loss": "huber_loss"},
            "loss=huber_loss is not honoured by the local form",
        ),
        ("blazingtext", {"mode": "cbow"}, "Word2Vec is not in it"),
    ],
)
def test_hyperparameters_are_checked_at_once(
    begin: Start, name: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin(name, given, train=TABLE)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]


@pytest.mark.parametrize(
    ("name", "kind", "channels", "reason"),
    [
        ("kmeans", UNLABELLED, {"test": TABLE}, "Missing required channel: train"),
        (
            "kmeans",
            "text/csv",
            {"train": csv(IRIS)},
            "The train channel has 3 features, the hyperparameter feature_dim is 4",
        ),
        ("knn", UNLABELLED, {"train": csv(IRIS)}, "has no labels, knn needs them"),
        ("pca", RECORDIO, {"train": TABLE}, "File 'train' is not RecordIO"),
        (
            "factorization-machines",
            "text/csv",
            {"train": TABLE},
            "text/csv is not an accepted ContentType",
        ),
        ("blazingtext", "text/plain", {"train": b"late\n"}, "has no label"),
    ],
)
def test_mistakes_in_the_data_fail_the_job(
    begin: Start, name: str, kind: str, channels: dict[str, bytes], reason: str
) -> None:
    begin(name, CASES[name][0], kind, **channels)
    job = ended(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert reason in job["FailureReason"]
    assert job["FailureReason"].endswith("exit code: 2")


@pytest.mark.parametrize("name", ["object2vec", "lda", "ntm", "forecasting-deepar"])
def test_the_other_built_ins_are_refused_by_name(begin: Start, name: str) -> None:
    with pytest.raises(ClientError, match=f"{name}.*(trains|learns)") as caught:
        begin(name, {}, train=TABLE)
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["Error"]["Code"] == "NotImplementedInLocalEndpoint"


def test_several_instances_are_refused(begin: Start) -> None:
    with pytest.raises(ClientError, match="one model on the data of all") as caught:
        begin("kmeans", CASES["kmeans"][0], UNLABELLED, instances=2, train=csv(IRIS))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
