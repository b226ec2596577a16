"""The hashes of Spark ML: HashingTF's own, and MinHash with pairs of this module."""

import random
from collections.abc import Iterable

FEATURES = 1 << 18
_SEED = 42
_PRIME = 2_038_074_743
Pair = tuple[int, int]


def slot(term: str, size: int = FEATURES) -> int:
    """Return the index that HashingTF gives a term."""
    from sklearn.utils import murmurhash3_32

    return int(murmurhash3_32(term.encode(), seed=_SEED)) % size


def pairs(count: int) -> list[Pair]:
    """Return the pairs of hash functions; Spark draws others, these are always so."""
    drawn = random.Random(_SEED)
    return [(drawn.randrange(1, _PRIME), drawn.randrange(_PRIME)) for _ in range(count)]


def least(indices: Iterable[int], pair: Pair) -> int:
    """Return the smallest hash of a set's elements, as MinHashLSH computes it."""
    factor, shift = pair
    return min(((1 + index) * factor + shift) % _PRIME for index in indices)
