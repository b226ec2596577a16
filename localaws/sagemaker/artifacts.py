"""What a training job leaves in S3: the hosts' model and output folders together."""

import shutil
from pathlib import Path
from typing import Any

from localaws.jobs import ArchiveError, pack
from localaws.sagemaker.cluster import Host
from localaws.sagemaker.transfer import TransferError, upload, upload_tree


def store_output(s3: Any, where: str, root: Path, hosts: list[Host]) -> None:
    """Store what the hosts wrote to `/opt/ml/output/data`, if anything.

    Args:
        s3: Client with the execution role's credentials.
        where: Prefix of the job's results.
        root: The job's folder, for the archive.
        hosts: The job's hosts.
    """
    folder = _gathered(root / "data", [one.workspace.output / "data" for one in hosts])
    if any(folder.iterdir()):
        _archive(s3, folder, f"{where}/output.tar.gz")


def store_model(
    s3: Any, where: str, root: Path, hosts: list[Host], *, compress: bool
) -> str | None:
    """Store what the hosts wrote to `/opt/ml/model`.

    Args:
        s3: Client with the execution role's credentials.
        where: Prefix of the job's results.
        root: The job's folder, for the archive.
        hosts: The job's hosts.
        compress: As one archive, or file by file.

    Returns:
        Where it is; None if there is nothing.
    """
    folder = _gathered(root / "model", [one.workspace.model for one in hosts])
    if not any(folder.iterdir()):
        return None
    if not compress:
        upload_tree(s3, folder, f"{where}/model/")
        return f"{where}/model/"
    _archive(s3, folder, f"{where}/model.tar.gz")
    return f"{where}/model.tar.gz"


def _gathered(folder: Path, parts: list[Path]) -> Path:
    if len(parts) == 1:
        return parts[0]
    for part in parts:
        shutil.copytree(part, folder, symlinks=True, dirs_exist_ok=True)
    return folder


def _archive(s3: Any, folder: Path, uri: str) -> None:
    archive = folder.with_suffix(".tar.gz")
    try:
        pack(folder, archive)
    except ArchiveError as error:
        raise TransferError(f"Artifact upload failed:{uri}: {error}") from error
    upload(s3, archive, uri)
