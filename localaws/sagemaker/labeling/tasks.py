"""What is asked of workers, and what they answered."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from localaws.labelling.forms import Field

Members = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What one worker submitted.

    Attributes:
        worker: Their id.
        content: What the page's form holds.
        accepted: When they took the task.
        submitted: When they were done.
        seconds: How long they worked.
        metadata: `workerMetadata`, of a private workforce.
    """

    worker: str
    content: Members
    accepted: dt.datetime
    submitted: dt.datetime
    seconds: float
    metadata: Members = field(default_factory=dict)


@dataclass
class Task:
    """One object that workers are asked about.

    Attributes:
        number: Of the object in the manifest, from 0.
        name: Of the task, unique in the endpoint.
        line: The manifest's line.
        given: The `taskInput` of the PRE function.
        html: The page.
        fields: Its elements that take answers.
        answers: What came in.
        failure: Why it cannot be labelled.
    """

    number: int
    name: str
    line: Members
    given: Any = None
    html: str = ""
    fields: list[Field] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    failure: str | None = None


class LabelingFailed(Exception):
    """The reason of a labeling job that has failed."""
