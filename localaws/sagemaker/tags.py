"""AddTags, ListTags, DeleteTags."""

from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.store import page

LIMIT = 50
Members = dict[str, Any]


def add_tags(engine: Engine, request: Members) -> Members:
    """Add or overwrite tags of a resource."""
    new = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    with engine.store.lock:
        tags = engine.store.tagged(request["ResourceArn"]) | new
        if len(tags) > LIMIT:
            raise ValidationError(f"A resource has at most {LIMIT} tags.")
        engine.store.tag(request["ResourceArn"], tags)
    return {"Tags": _pairs(tags)}


def list_tags(engine: Engine, request: Members) -> Members:
    """Return the tags of a resource."""
    tags = _pairs(engine.store.tagged(request["ResourceArn"]))
    return page("Tags", tags, {"MaxResults": LIMIT, **request})


def delete_tags(engine: Engine, request: Members) -> Members:
    """Remove tags by key; a key that is not there is no error."""
    arn, gone = request["ResourceArn"], request["TagKeys"]
    with engine.store.lock:
        tags = engine.store.tagged(arn)
        kept = {key: value for key, value in tags.items() if key not in gone}
        engine.store.tag(arn, kept)
    return {}


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


HANDLERS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
