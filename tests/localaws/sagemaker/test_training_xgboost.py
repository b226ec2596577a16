"""The XGBoost image: the built-in algorithm, and scripts in it."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import XGBOOST, channel, ended
from tests.localaws.sagemaker.trained import unpacked

Train = Callable[..., dict[str, Any]]


def test_built_in_xgboost_trains_on_csv_and_libsvm(
    aws: Callable[[str], Any], start: Train, bucket: str
) -> None:
    rows = [(i % 2, i, (i * 7) % 5) for i in range(200)]
    csv = "\n".join(",".join(map(str, row)) for row in rows)
    svm = "\n".join(f"{y} 0:{a} 1:{b}" for y, a, b in rows)
    for kind, text in (("text/csv", csv), ("text/libsvm", svm)):
        name = kind.replace("/", "-")
        aws("s3").put_object(Bucket=bucket, Key=f"{name}/rows", Body=text.encode())
        uri = f"s3://{bucket}/{name}/"
        start(
            "",
            name,
            AlgorithmSpecification={
                "TrainingImage": XGBOOST,
                "TrainingInputMode": "File",
            },
            HyperParameters={
                "num_round": "5",
                "objective": "binary:logistic",
                "eval_metric": "auc",
            },
            InputDataConfig=[
                channel("train", uri, ContentType=kind),
                channel("validation", uri, ContentType=kind),
            ],
        )
        job = ended(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
        assert metrics["validation:auc"] == metrics["train:auc"] > 0.5
        assert "xgboost-model" in unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])


def test_a_built_in_checks_its_hyperparameters_and_metrics(start: Train) -> None:
    xgboost = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match="num_round"):
        start("", AlgorithmSpecification=xgboost, HyperParameters={"eta": "0.1"})
    xgboost |= {"MetricDefinitions": [{"Name": "auc", "Regex": "auc:(.*)"}]}
    with pytest.raises(ClientError, match="can't override the metric definitions"):
        start("", AlgorithmSpecification=xgboost, HyperParameters={"num_round": "1"})


def test_a_script_in_the_xgboost_image_has_the_metrics_of_the_image(
    start: Train, train: Train
) -> None:
    xgboost = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    own = {"MetricDefinitions": [{"Name": "mine", "Regex": "mine=(.*)"}]}
    with pytest.raises(ClientError, match="can't override the metric definitions"):
        start("", AlgorithmSpecification=xgboost | own)
    script = "print('[0]#011train-auc:0.5#011validation-auc:0.25')"
    job = train(script, AlgorithmSpecification=xgboost)
    metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
    assert metrics == {"train:auc": 0.5, "validation:auc": 0.25}
