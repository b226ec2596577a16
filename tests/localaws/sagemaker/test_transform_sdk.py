"""Batch Transform through the SageMaker Python SDK v3."""

import boto3
import pytest

from tests.localaws.sagemaker.conftest import SKLEARN, archive

pytestmark = pytest.mark.filterwarnings("ignore")
DOUBLES = """
def model_fn(model_dir):
    return 2

def transform_fn(model, data, content_type, accept):
    rows = [float(line) for line in data.split()]
    return "\\n".join(str(model * row) for row in rows), "text/csv"
"""


@pytest.fixture
def model(role: str, bucket: str) -> str:
    """A model that doubles."""
    code = archive(model_txt="", code__inference_py=DOUBLES)
    boto3.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=code)
    boto3.client("sagemaker").create_model(
        ModelName="doubles",
        PrimaryContainer={
            "Image": SKLEARN,
            "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
        },
        ExecutionRoleArn=role,
    )
    return "doubles"


def test_transformer_joins_input_and_output(model: str, bucket: str) -> None:
    from sagemaker.core.transformer import Transformer

    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"one,1\ntwo,2\n")
    transformer = Transformer(
        model_name=model,
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=f"s3://{bucket}/out",
    )
    transformer.transform(
        f"s3://{bucket}/in/",
        content_type="text/csv",
        split_type="Line",
        input_filter="$[1:]",
        join_source="Input",
        output_filter="$[0,-1]",
        job_name="sdk",
    )
    body = s3.get_object(Bucket=bucket, Key="out/a.csv.out")["Body"].read()
    assert body == b"one,2.0\ntwo,4.0\n"
    attached = Transformer.attach("sdk")
    assert attached.model_name == model
    assert attached.latest_transform_job.transform_job_status == "Completed"


def test_transformer_raises_when_the_job_fails(model: str, bucket: str) -> None:
    from sagemaker.core.transformer import Transformer

    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"no number")
    transformer = Transformer(model, 1, "ml.m5.large", accept="text/csv")
    with pytest.raises(Exception, match="AlgorithmError: See job logs"):
        transformer.transform(
            f"s3://{bucket}/in/", content_type="text/csv", split_type="Line"
        )
