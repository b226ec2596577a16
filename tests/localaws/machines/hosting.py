"""What the model knows of endpoints and their configurations."""

import datetime as dt
from dataclasses import dataclass


@dataclass(eq=False)
class Config:
    """What the model knows of one configuration."""

    name: str
    model: str
    there: bool = True


@dataclass(eq=False)
class Endpoint:
    """What the model knows of one endpoint; `coming` is what an update leads to."""

    name: str
    arn: str
    config: Config
    created: dt.datetime
    status: str = "Creating"
    coming: Config | None = None
    weight: float = 1.0
    coming_weight: float = 1.0
    failed_update: bool = False
    killed: bool = False
