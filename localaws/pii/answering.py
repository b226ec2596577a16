"""The function that the warm process runs: it answers texts until it is ended."""

from typing import Any

from localaws.pii.finding import entities_of, find

_DO = {
    "find": lambda text: [list(one) for one in find(text)],
    "entities": lambda text: [
        [one.type, one.begin, one.end] for one in entities_of(text)
    ],
}


def handler(event: dict[str, Any], context: object) -> list[list[Any]]:
    """Answer one text.

    Args:
        event: `do`, which is `find` or `entities`, and `text`.
        context: Of the invocation; not used.
    """
    return _DO[event["do"]](event["text"])
