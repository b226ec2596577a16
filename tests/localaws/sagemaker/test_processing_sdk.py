"""The processors of the SageMaker Python SDK v3, used as they are in an account."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN
from tests.localaws.sagemaker.desk import ROLE
from tests.localaws.sagemaker.processed import keys, messages

pytestmark = pytest.mark.filterwarnings("ignore")
BASE = "/opt/ml/processing"
CLEAN = f"""
import argparse, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--times", type=int)
times = parser.parse_args().times
rows = pathlib.Path("{BASE}/input/data/a.csv").read_text()
pathlib.Path("{BASE}/output/clean/a.csv").write_text(rows * times)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script on this machine."""
    path = tmp_path / "clean.py"
    path.write_text(CLEAN)
    return path


def places(bucket: str) -> dict[str, Any]:
    """Return inputs and outputs of a run."""
    from sagemaker.core.shapes import (
        ProcessingInput,
        ProcessingOutput,
        ProcessingS3Input,
        ProcessingS3Output,
    )

    boto3.client("s3").put_object(Bucket=bucket, Key="raw/a.csv", Body=b"1\n")
    raw = ProcessingS3Input(
        s3_uri=f"s3://{bucket}/raw/",
        local_path=f"{BASE}/input/data",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
    )
    clean = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/clean",
        local_path=f"{BASE}/output/clean",
        s3_upload_mode="EndOfJob",
    )
    return {
        "inputs": [ProcessingInput(input_name="data", s3_input=raw)],
        "outputs": [ProcessingOutput(output_name="clean", s3_output=clean)],
    }


def processor(front: str, name: str) -> Any:
    """Return a processor of the SDK."""
    from sagemaker.core import processing

    return getattr(processing, front)(
        image_uri=SKLEARN,
        role=ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        command=["python3"],
        base_job_name=name,
    )


def test_script_processor(
    endpoint: Connection, role: str, bucket: str, script: Path
) -> None:
    made = processor("ScriptProcessor", "clean")
    made.run(code=str(script), arguments=["--times", "3"], **places(bucket), logs=False)
    job = made.latest_job
    job.refresh()
    assert job.processing_job_status == "Completed"
    assert keys("clean/") == {"clean/a.csv": b"1\n1\n1\n"}


def test_framework_processor_unpacks_a_source_directory(
    endpoint: Connection, role: str, bucket: str, script: Path
) -> None:
    (script.parent / "lib.py").write_text(f"ROOT = '{BASE}'\n")
    script.write_text(f"import lib\nassert lib.ROOT != '/opt' + '/ml'\n{CLEAN}")
    made = processor("FrameworkProcessor", "frame")
    made.run(
        code="clean.py",
        source_dir=str(script.parent),
        arguments=["--times", "2"],
        **places(bucket),
        logs=True,
    )
    job = made.latest_job
    job.refresh()
    assert job.processing_job_status == "Completed"
    assert keys("clean/") == {"clean/a.csv": b"1\n1\n"}
    said = messages(job.processing_job_name)
    assert "Files after extraction:" in said


def test_a_failed_job_is_waited_for_by_its_resource(
    endpoint: Connection, role: str, bucket: str, script: Path
) -> None:
    """`run(wait=True)` breaks in SDK 3.27.0: it names an exception of botocore's."""
    script.write_text("raise ValueError('too few rows')")
    made = processor("ScriptProcessor", "fails")
    with pytest.raises(AttributeError, match="UnexpectedStatusException"):
        made.run(code=str(script), **places(bucket), logs=True)
    made.run(code=str(script), **places(bucket), wait=False, logs=False)
    job = made.latest_job
    with pytest.raises(Exception, match=r"AlgorithmError: , exit code: 1"):
        job.wait(logs=False)
    assert "ValueError: too few rows" in messages(job.processing_job_name)
