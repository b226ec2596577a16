"""The processing job that an analysis runs in: its inputs, its output."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localaws.clarify.configuration import Configuration, read
from localaws.clarify.errors import ClarifyError, NotActed

_HIDDEN = ("_", ".")


@dataclass(frozen=True)
class Job:
    """What an analysis may use.

    Attributes:
        opt: The folder that plays `/opt/ml`.
        configuration: What is asked for.
        given: The configuration as it was given.
        dataset: Folder of the input `dataset`, if there is one.
        output: Folder of the output `analysis_result`.
    """

    opt: Path
    configuration: Configuration
    given: dict[str, Any]
    dataset: Path | None
    output: Path

    def files(self) -> list[Path]:
        """Return the files of the data set."""
        if self.configuration.uri:
            return self.fetch(self.configuration.uri, "dataset_uri")
        if self.dataset is None:
            raise ClarifyError(
                "there is no processing input named dataset, and no dataset_uri"
            )
        return _below(self.dataset, "the processing input dataset")

    def fetch(self, uri: str, name: str) -> list[Path]:
        """Download what is at an S3 URI with the role's credentials.

        Args:
            uri: Of an object or a prefix.
            name: What the URI is called in the configuration.
        """
        # botocore takes a third of a second to import, and few analyses fetch
        from botocore.exceptions import BotoCoreError, ClientError

        parts = urlsplit(uri)
        if parts.scheme != "s3" or not parts.netloc:
            raise ClarifyError(f"{name} must be an S3 URI; found {uri!r}")
        folder = self.opt / "clarify" / name
        try:
            _download(parts.netloc, parts.path.lstrip("/"), folder)
        except (ClientError, BotoCoreError) as error:
            raise ClarifyError(f"{name} {uri}: {error}") from error
        return _below(folder, name)


def _download(bucket: str, prefix: str, folder: Path) -> None:
    import boto3

    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = [item["Key"] for page in pages for item in page.get("Contents", ())]
    for key in [prefix] if prefix in found else found:
        if not key.endswith("/"):
            path = folder / key
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ClarifyError(f"the key {key!r} leads out of its prefix")
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(path))


def read_job(opt: Path, arguments: list[str]) -> Job:
    """Read the job's configuration and the analysis' own.

    Args:
        opt: The folder that plays `/opt/ml`.
        arguments: The container's arguments.
    """
    if arguments:
        raise ClarifyError("the Clarify container supports no ContainerArguments")
    text = (opt / "config" / "processingjobconfig.json").read_text(encoding="utf-8")
    config = json.loads(text)
    if config["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
        raise NotActed(
            "InstanceCount above 1", "shares the rows among the instances by Spark"
        )
    given = config.get("ProcessingInputs") or ()
    inputs = {one["InputName"]: Path(one["S3Input"]["LocalPath"]) for one in given}
    outputs = (config.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
    places = {one["OutputName"]: one.get("S3Output") for one in outputs}
    if "analysis_config" not in inputs:
        raise ClarifyError("there is no processing input named analysis_config")
    if not places.get("analysis_result"):
        raise ClarifyError("there is no processing output named analysis_result")
    asked = _asked(inputs["analysis_config"])
    output = Path(places["analysis_result"]["LocalPath"])
    return Job(opt, read(asked), asked, inputs.get("dataset"), output)


def _asked(folder: Path) -> Any:
    files = _below(folder, "the processing input analysis_config")
    if len(files) != 1:
        raise ClarifyError(
            f"the input analysis_config must be one JSON file; found {len(files)}"
        )
    try:
        return json.loads(files[0].read_text(encoding="utf-8"))
    except ValueError as error:
        raise ClarifyError(f"the analysis configuration is not JSON: {error}") from None


def _below(folder: Path, what: str) -> list[Path]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(_HIDDEN)
    )
    if not files:
        raise ClarifyError(f"{what} has no file")
    return files
