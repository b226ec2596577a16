"""Who asks, and whether IAM's and the resource's policies let it.

`holding.hold` stands before every call; the engine's own calls are not held.
"""

from localaws.services.access.keys import conditions
from localaws.services.access.refusals import denied
from localaws.services.access.who import Asker, asking

__all__ = ["Asker", "asking", "conditions", "denied"]
