"""The environment of a learner's program that runs for a service."""

import os
import sys
from pathlib import Path

from localaws.loopback import Loopback, Session


def environment(aws: Loopback, session: Session, folder: Path) -> dict[str, str]:
    """Return what a program finds: a role's credentials, and nothing of the machine's.

    Args:
        aws: The endpoint.
        session: Whose credentials it has.
        folder: Its home, and the place of its temporary files.
    """
    nothing = folder / "none"
    nothing.touch()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "AWS_REGION": aws.region,
        "AWS_DEFAULT_REGION": aws.region,
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_CONFIG_FILE": str(nothing),
        "AWS_SHARED_CREDENTIALS_FILE": str(nothing),
        "AWS_EC2_METADATA_DISABLED": "true",
        **session.environment(),
    }
