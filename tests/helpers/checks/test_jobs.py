"""Reading what a training job ran and left, whichever way its source came."""

import tarfile
from hashlib import sha256

import pytest

from helpers.checks import jobs

PLACE = {"S3DataType": "S3Prefix", "S3Uri": "s3://on-time-desk/code/"}


def channel(name):
    return {"ChannelName": name, "DataSource": {"S3DataSource": PLACE}}


def test_channels_are_read_by_name():
    other = {"ChannelName": "fast", "DataSource": {"FileSystemDataSource": {}}}
    job = {"InputDataConfig": [channel("train"), other]}
    assert jobs.channels(job) == {"train": "s3://on-time-desk/code/"}
    assert jobs.channels({}) == {}


def test_the_source_of_model_trainer_is_the_channel_code(aws, bucket):
    for name in ("train.py", "more/helper.py"):
        aws("s3").put_object(Bucket=bucket, Key=f"code/{name}", Body=name.encode())
    found = jobs.scripts({"InputDataConfig": [channel("code")]}, aws("s3"))
    assert found == sorted(
        sha256(name.encode()).hexdigest() for name in ("train.py", "more/helper.py")
    )


def test_a_built_in_algorithm_has_no_source(aws):
    assert jobs.scripts({"InputDataConfig": [channel("train")]}, aws("s3")) == []


def test_an_artefact_without_a_model_is_an_error(aws, bucket, tmp_path):
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz"):
        pass
    aws("s3").upload_file(str(tmp_path / "model.tar.gz"), bucket, "m/model.tar.gz")
    script = tmp_path / "serve.py"
    script.write_text(
        "from pathlib import Path\n\n\n"
        "def model_fn(folder):\n    return Path(folder, 'model.joblib').read_bytes()\n"
        "\n\ndef predict_fn(flights, model):\n    return []\n"
    )
    job = {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{bucket}/m/model.tar.gz"}}
    with pytest.raises(FileNotFoundError):
        jobs.scores(job, script, None, aws("s3"))
