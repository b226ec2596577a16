"""The model registry for the tests: what a package holds, and a group of versions."""

from collections.abc import Callable
from typing import Any

import boto3

from tests.localaws.sagemaker.conftest import SKLEARN, archive

SCRIPT = (
    "import json, os\n"
    "def model_fn(folder):\n"
    "    return open(os.path.join(folder, 'weights')).read()\n"
    "def input_fn(body, content_type):\n"
    "    return json.loads(body)\n"
    "def predict_fn(rows, model):\n"
    "    return f'{len(rows)} rows by {model} for ' + os.environ.get('TEAM', '')\n"
    "def output_fn(answer, accept):\n"
    "    return json.dumps(answer), 'application/json'\n"
)


def specification(bucket: str) -> dict[str, Any]:
    """Return an inference specification, and store its artefact."""
    body = archive(weights="2", code__inference_py=SCRIPT)
    boto3.client("s3").put_object(Bucket=bucket, Key="m.tar.gz", Body=body)
    return {
        "Containers": [
            {
                "Image": SKLEARN,
                "ModelDataUrl": f"s3://{bucket}/m.tar.gz",
                "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "TEAM": "desk"},
            }
        ],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def registrar(given: dict[str, Any]) -> Callable[..., str]:
    """Make the group `delays`, and return what registers a version and has its ARN."""
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="delays")

    def register(**members: Any) -> str:
        request = {
            "ModelPackageGroupName": "delays",
            "InferenceSpecification": given,
            **members,
        }
        request = {name: value for name, value in request.items() if value is not None}
        return sagemaker.create_model_package(**request)["ModelPackageArn"]

    return register
