"""What a training job read, ran and left: for the checks, as AWS tells it."""

import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import artefacts
from helpers.check import JSON

if TYPE_CHECKING:
    from pandas import DataFrame


def channels(job: JSON) -> dict[str, str]:
    """Give the S3 prefix of each channel of a described job."""
    return {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in job.get("InputDataConfig", [])
        if "S3DataSource" in channel["DataSource"]
    }


def scripts(job: JSON, s3: Any) -> list[str]:
    """Give the sha256 of each file of a job's source.

    The source is the channel `code` of `ModelTrainer`, or the archive that boto3 users
    name in the hyperparameter `sagemaker_submit_directory`.
    """
    archive = job.get("HyperParameters", {}).get("sagemaker_submit_directory", "")
    archive = json.loads(archive) if archive.startswith('"') else archive
    folder = channels(job).get("code", "")
    contents: list[bytes] = []
    if archive.startswith("s3://"):
        with tarfile.open(fileobj=io.BytesIO(content(s3, archive))) as tar:
            files = [tar.extractfile(member) for member in tar if member.isfile()]
            contents = [file.read() for file in files if file]
    elif folder:
        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        contents = [content(s3, f"s3://{bucket}/{each['Key']}") for each in listed]
    return sorted(sha256(each).hexdigest() for each in contents)


def scores(job: JSON, script: Path, flights: "DataFrame", s3: Any) -> list[float]:
    """Ask a job's artefact through the `model_fn` and `predict_fn` of a script.

    Unpickles what the job has left: only where a learner's code may run.
    """
    artefact = content(s3, job["ModelArtifacts"]["S3ModelArtifacts"])
    return artefacts.scores(artefact, script, flights)


def content(s3: Any, uri: str) -> bytes:
    """Read an object by its URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
