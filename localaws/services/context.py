"""What the handlers of the neighbour services act with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localaws.clock import Clock
from localaws.loopback import Loopback
from localaws.wire import Request, Response

if TYPE_CHECKING:
    from localaws.services.alarms import Alarms


@dataclass(frozen=True)
class Context:
    """The endpoint as its services see it.

    Attributes:
        aws: Clients of this endpoint.
        clock: Its time.
        alarms: Its CloudWatch alarms.
        moto: Lets moto answer a request.
    """

    aws: Loopback
    clock: Clock
    alarms: "Alarms"
    moto: Callable[[Request], Response]
