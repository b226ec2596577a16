"""A call of a model, and what answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from localaws.jobs import Answer


@dataclass(frozen=True)
class Call:
    """One request to a model.

    Attributes:
        body: What is asked.
        content_type: Of the body.
        accept: Content type that the caller wants.
        headers: What else the container sees, names in lower case.
        timeout: Seconds for the answer.
    """

    body: bytes
    content_type: str = "application/octet-stream"
    accept: str = "*/*"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0


class Server(Protocol):
    """What serves a model: one container, many models in one, or many containers."""

    def start(self, timeout: float = 60.0) -> None:
        """Load what has to be loaded before the first request."""

    def invoke(self, call: Call) -> Answer:
        """Answer one request."""

    def close(self) -> None:
        """End every process."""
