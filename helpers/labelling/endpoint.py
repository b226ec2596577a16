"""What the tool asks of the endpoint beside the AWS API, and reads from S3."""

import json
from urllib.parse import urlsplit


def ask(name: str, body: dict[str, object]) -> dict:
    """Ask the endpoint's control API.

    Raises:
        RuntimeError: If the endpoint does not run.
        ValueError: If it refuses.
    """
    from localaws import daemon
    from localaws.home import DaemonError

    connection = daemon.find()
    if connection is None:
        raise RuntimeError("the local AWS endpoint does not run: cloud.start()")
    try:
        return connection.control("POST", name, body)
    except DaemonError as error:
        raise ValueError(_reason(str(error))) from error


def _reason(text: str) -> str:
    try:
        return str(json.loads(text[text.index("{") :])["message"])
    except (ValueError, KeyError):
        return text


def content(name: str) -> bytes:
    """Return what a person would look at: an object's bytes, or the text itself."""
    if not name.startswith("s3://"):
        return name.encode()
    import boto3

    place = urlsplit(name)
    found = boto3.client("s3").get_object(Bucket=place.netloc, Key=place.path[1:])
    return found["Body"].read()
