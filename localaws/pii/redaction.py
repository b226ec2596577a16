"""Redaction: personal data masked, or replaced by the name of its type."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from localaws.pii.finding import Found

_EVERYTHING = "ALL"


def redact(text: str, found: Iterable[Found], how: dict[str, Any]) -> str:
    """Return a text without its personal data.

    Args:
        text: The text.
        found: What is personal in it.
        how: Comprehend's RedactionConfig. A mask leaves white space as it is.
    """
    for kind, begin, end, _ in sorted(found, key=lambda one: -one[1]):
        if not _asked(kind, how["PiiEntityTypes"]):
            continue
        shown = f"[{kind}]"
        if how["MaskMode"] == "MASK":
            shown = re.sub(r"\S", how["MaskCharacter"], text[begin:end])
        text = f"{text[:begin]}{shown}{text[end:]}"
    return text


def _asked(kind: str, types: Collection[str]) -> bool:
    return kind in types or _EVERYTHING in types
