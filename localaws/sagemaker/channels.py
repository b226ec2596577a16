"""The input channels of a training job, as one of its hosts gets them."""

from collections.abc import Callable
from typing import Any

from localaws.jobs import Channel, Workspace
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.mounts import mount
from localaws.sagemaker.transfer import download, download_manifest

_CODE = ("code", "sm_drivers")


def fetch_channels(
    engine: Engine,
    s3: Any,
    document: dict[str, Any],
    workspace: Workspace,
    shard: Callable[[str], tuple[int, int]],
    say: Callable[[str], None],
) -> dict[str, Channel]:
    """Copy or mount each channel into a workspace, before the program starts.

    Args:
        engine: Where file systems are.
        s3: Client with the execution role's credentials.
        document: The stored training job.
        workspace: Of one host.
        shard: Which objects the host gets, by `S3DataDistributionType`.
        say: Tells in the log what is simulated.

    Returns:
        The channels by name.
    """
    usual = document["AlgorithmSpecification"]["TrainingInputMode"]
    channels = {}
    for given in document.get("InputDataConfig", ()):
        name, mode = given["ChannelName"], given.get("InputMode", usual)
        distribution = "FullyReplicated"
        system = given["DataSource"].get("FileSystemDataSource")
        if system:
            mount(engine, document, system, workspace, name, say)
        else:
            source = given["DataSource"]["S3DataSource"]
            distribution = source.get("S3DataDistributionType", distribution)
            _copy(s3, source, workspace, name, shard(distribution))
        if mode == "FastFile" and name not in _CODE:
            say(f"FastFile is simulated: channel {name!r} was copied before the start")
        channels[name] = Channel(given.get("ContentType"), mode, distribution)
    return channels


def _copy(
    s3: Any,
    source: dict[str, Any],
    workspace: Workspace,
    name: str,
    shard: tuple[int, int],
) -> None:
    folder = workspace.channel(name)
    manifest = source["S3DataType"] == "ManifestFile"
    fetch = download_manifest if manifest else download
    fetch(s3, source["S3Uri"], folder, shard=shard)
    if name in _CODE:
        workspace.rewrite(folder)
