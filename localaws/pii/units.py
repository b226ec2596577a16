"""What Comprehend charges for: units of a hundred characters, three at least."""

import math

_UNIT, _LEAST = 100, 3


def units(text: str) -> int:
    """Return the units of one document."""
    return max(_LEAST, math.ceil(len(text) / _UNIT))
