"""What the model knows of pipelines and their executions."""

import datetime as dt
from dataclasses import dataclass, field

from tests.localaws.machines.world import Answer


@dataclass(eq=False)
class Execution:
    """What the model knows of one execution."""

    arn: str
    kind: str
    version: int
    status: str = "Executing"
    stopping: bool = False
    killed: bool = False
    last: Answer = field(default_factory=dict, repr=False)


@dataclass(eq=False)
class Pipeline:
    """What the model knows of one pipeline: the kind of each version."""

    name: str
    arn: str
    created: dt.datetime
    versions: list[str]
    executions: list[Execution] = field(default_factory=list)
