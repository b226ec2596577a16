"""The built-in algorithms through the SDK's classes."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.test_builtins import IRIS, UNLABELLED, csv

pytestmark = pytest.mark.filterwarnings("ignore")


def test_k_means_by_model_trainer_and_resources(
    endpoint: Connection, aws: Callable[[str], Any], full: str, bucket: str
) -> None:
    from sagemaker.core import image_uris
    from sagemaker.core.resources import Endpoint, EndpointConfig, Model
    from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
    from sagemaker.core.training.configs import Compute, InputData
    from sagemaker.train.model_trainer import ModelTrainer

    aws("s3").put_object(Bucket=bucket, Key="iris/part", Body=csv(IRIS))
    image = image_uris.retrieve("kmeans", "us-east-1")
    trainer = ModelTrainer(
        training_image=image,
        role=full,
        base_job_name="clusters",
        hyperparameters={"k": 3, "feature_dim": 4, "eval_metrics": ["msd", "ssd"]},
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
    )
    data = InputData(
        channel_name="train",
        data_source=f"s3://{bucket}/iris/",
        content_type=UNLABELLED,
    )
    test = data.model_copy(update={"channel_name": "test"})
    trainer.train(input_data_config=[data, test], logs=False)
    job = trainer._latest_training_job
    assert job.training_job_status == "Completed"
    metrics = {one.metric_name: one.value for one in job.final_metric_data_list}
    assert metrics["test:ssd"] == pytest.approx(150 * metrics["test:msd"], rel=1e-4)
    Model.create(
        model_name="clusters",
        primary_container=ContainerDefinition(
            image=image, model_data_url=job.model_artifacts.s3_model_artifacts
        ),
        execution_role_arn=full,
    )
    EndpointConfig.create(
        endpoint_config_name="clusters",
        production_variants=[
            ProductionVariant(
                variant_name="all",
                model_name="clusters",
                initial_instance_count=1,
                instance_type="ml.m5.large",
            )
        ],
    )
    served = Endpoint.create(endpoint_name="clusters", endpoint_config_name="clusters")
    served.wait_for_status("InService")
    answer = served.invoke(body=csv(IRIS), content_type="text/csv")
    predictions = json.loads(answer.body.read())["predictions"]
    sizes = np.bincount([int(one["closest_cluster"]) for one in predictions])
    assert sorted(sizes) == pytest.approx([38, 50, 62], abs=8)
