"""The engine's own clients: no request waits for a thread that another one holds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localaws.listening import THREADS

MANY = 3 * THREADS


@pytest.fixture
def model(aws: Callable[[str], Any], role: str, bucket: str) -> dict[str, Any]:
    """Members of a model whose creation makes the endpoint read S3."""
    aws("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=b"")
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1"
    return {
        "ExecutionRoleArn": role,
        "PrimaryContainer": {
            "Image": image,
            "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
        },
    }


def test_more_requests_at_once_than_the_endpoint_has_threads(
    model: dict[str, Any],
) -> None:
    config = Config(max_pool_connections=MANY, read_timeout=60, retries={})
    client = boto3.client("sagemaker", config=config)

    def create(number: int) -> str:
        made = client.create_model(ModelName=f"model-{number}", **model)
        return made["ModelArn"].rpartition("/")[2]

    with ThreadPoolExecutor(MANY) as pool:
        made = set(pool.map(create, range(MANY)))
    assert made == {f"model-{number}" for number in range(MANY)}
