"""The input channels of a training job, as one of its hosts gets them."""

from collections.abc import Callable
from typing import Any

from localaws.jobs import Channel, Workspace
from localaws.sagemaker.transfer import download, download_manifest

_CODE = ("code", "sm_drivers")


def fetch_channels(
    s3: Any,
    document: dict[str, Any],
    workspace: Workspace,
    shard: Callable[[str], tuple[int, int]],
    say: Callable[[str], None],
) -> dict[str, Channel]:
    """Copy each channel into a workspace, before the program starts.

    Args:
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
        name, source = given["ChannelName"], given["DataSource"]["S3DataSource"]
        folder = workspace.channel(name)
        distribution = source.get("S3DataDistributionType", "FullyReplicated")
        manifest = source["S3DataType"] == "ManifestFile"
        fetch = download_manifest if manifest else download
        fetch(s3, source["S3Uri"], folder, shard=shard(distribution))
        if name in _CODE:
            workspace.rewrite(folder)
        mode = given.get("InputMode", usual)
        if mode == "FastFile" and name not in _CODE:
            say(f"FastFile is simulated: channel {name!r} was copied before the start")
        channels[name] = Channel(given.get("ContentType"), mode, distribution)
    return channels
