"""What is to be labelled, one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KINDS = {
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"RIFF": "webp",
    b"BM": "bmp",
}


@dataclass(frozen=True)
class Task:
    """One item, and what it can be.

    Attributes:
        item: A text, or the bytes of an image.
        labels: In the order of their keys.
        question: What is asked.
        name: Names it where it comes from.
        field: Element and name under which the answer is sent.
    """

    item: str | bytes
    labels: tuple[str, ...]
    question: str = ""
    name: str = ""
    field: tuple[str, str] = ("", "")


def kind_of(item: bytes) -> str | None:
    """Return the format of an image, None if a browser shows no such image."""
    found = (kind for mark, kind in KINDS.items() if item.startswith(mark))
    return next(found, None)


def listed(
    items: Iterable[str | bytes], labels: Sequence[str], question: str
) -> list[Task]:
    """Return one task for each item.

    Raises:
        ValueError: If there are not two labels, one is there twice, or bytes are no
            image.
        TypeError: If an item is neither text nor bytes.
    """
    found = tuple(labels)
    if len(found) < 2 or len(set(found)) < len(found):
        raise ValueError(f"labels are two or more, each once; found {labels!r}")
    tasks = []
    for place, item in enumerate(items):
        if not isinstance(item, str | bytes):
            raise TypeError(
                f"item {place} is a text or the bytes of an image; "
                f"found {type(item).__name__}"
            )
        if isinstance(item, bytes) and kind_of(item) is None:
            raise ValueError(
                f"item {place} is the bytes of an image ({', '.join(KINDS.values())}); "
                f"found bytes that begin with {item[:8]!r}"
            )
        tasks.append(Task(item, found, question, str(place)))
    return tasks
