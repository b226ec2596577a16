"""How a student's box and the prober speak to the endpoint of their pod."""

import json
import os
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
WARM = ("s3", "sagemaker", "iam", "sts")


def warm() -> None:
    """Read the models of botocore that most clients need, for all forks of this."""
    import boto3
    import botocore.session

    from localaws.service_models import LOADER

    # a session reads them anew, and each notebook and prober opens one of its own
    botocore.session.create_loader = lambda search_path_string=None: LOADER
    session = boto3.session.Session("none", "none", region_name="us-east-1")
    for name in WARM:
        session.client(name)


def attach(connection: JSON) -> None:
    """Point this process to an endpoint that was handed to it.

    Args:
        connection: the JSON of a `localaws.home.Connection`.
    """
    from helpers import cloud

    home = Path.home() / ".localaws"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    handed = home / "connection.json"
    handed.write_text(json.dumps(connection | {"home": str(home)}))
    handed.chmod(0o600)
    os.environ["LOCALAWS_CONNECTION"] = str(handed)
    cloud.start()
