"""Random cut trees, grown and asked.

Guha, Mishra, Roy, Schrijvers (ICML 2016): a node cuts its bounding box in a dimension
that is drawn in proportion to its side, at a place that is drawn uniformly. The score
of a point is the expected displacement that its insertion causes, computed without
inserting it: on the way up from its leaf, a node's cut would have set it apart with
the probability (growth of the box) / (box with the point).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_LEAF = -1
_ROWS = 256
_KINDS = {
    "dim": "int32",
    "cut": "float32",
    "left": "int32",
    "right": "int32",
    "low": "float32",
    "high": "float32",
    "mass": "int32",
}
Forest = dict[str, "np.ndarray"]


def grow_forest(
    rows: "np.ndarray", trees: int, size: int, random: "np.random.Generator"
) -> Forest:
    """Grow trees on samples without replacement of `size` rows each.

    Returns:
        One entry a node: `dim` (-1 for a leaf), `cut`, `left`, `right`, `low` and
        `high` (its bounding box), `mass` (its points); `roots`, one a tree.
    """
    import numpy as np

    grown, roots, count = [], [], 0
    # disjoint samples where the rows suffice for them, as on AWS
    disjoint = random.permutation(len(rows)) if trees * size <= len(rows) else None
    for tree in range(trees):
        if disjoint is not None:
            chosen = disjoint[tree * size : (tree + 1) * size]
        else:
            chosen = random.choice(len(rows), size, replace=False)
        roots.append(count)
        grown.append(_grow(rows[chosen], count, random))
        count += len(grown[-1]["dim"])
    forest = {key: np.concatenate([one[key] for one in grown]) for key in _KINDS}
    return {**forest, "roots": np.array(roots)}


def _grow(points: "np.ndarray", first: int, random: "np.random.Generator") -> Forest:
    """Grow one tree whose nodes are numbered from `first` on."""
    import numpy as np

    nodes: dict[str, list[Any]] = {key: [] for key in _KINDS}
    pending = [(points, _LEAF, "left")]
    while pending:
        points, parent, side = pending.pop()
        index = len(nodes["dim"])
        if parent != _LEAF:
            nodes[side][parent] = first + index
        low, high = points.min(axis=0), points.max(axis=0)
        dim, cut = _cut(low, high, random)
        node = (dim, cut, _LEAF, _LEAF, low, high, len(points))
        for key, value in zip(_KINDS, node, strict=True):
            nodes[key].append(value)
        if dim != _LEAF:
            is_left = points[:, dim] <= cut
            pending.append((points[~is_left], index, "right"))
            pending.append((points[is_left], index, "left"))
    return {key: np.array(nodes[key], kind) for key, kind in _KINDS.items()}


def _cut(
    low: "np.ndarray", high: "np.ndarray", random: "np.random.Generator"
) -> "tuple[int, np.float32]":
    """Draw where to cut a box; the dimension is -1 for a box without sides."""
    import numpy as np

    sides = (high - low).astype(float)
    if not sides.any():
        return _LEAF, np.float32(0)
    dim = int(np.searchsorted(sides.cumsum(), random.uniform(0, sides.sum())))
    dim = min(dim, len(sides) - 1)
    while not sides[dim]:
        dim -= 1
    cut = np.float32(random.uniform(low[dim], high[dim]))
    # rounding must not leave the right side empty
    return dim, cut if cut < high[dim] else low[dim]


def score(forest: Forest, rows: "np.ndarray") -> "np.ndarray":
    """The mean anomaly score of each row over the trees."""
    import numpy as np

    pieces = [
        _score(forest, rows[at : at + _ROWS].astype(np.float32))
        for at in range(0, len(rows), _ROWS)
    ]
    return np.concatenate(pieces)


def _score(forest: Forest, rows: "np.ndarray") -> "np.ndarray":
    import numpy as np

    dim, mass = forest["dim"], forest["mass"]
    node = np.repeat(forest["roots"][:, None], len(rows), axis=1)
    column = np.arange(len(rows))[None, :]
    path = [node]
    while (dim[node] != _LEAF).any():
        inner = dim[node] != _LEAF
        goes_left = rows[column, dim[node]] <= forest["cut"][node]
        below = np.where(goes_left, forest["left"][node], forest["right"][node])
        node = np.where(inner, below, node)
        path.append(node)
    depth = (np.stack(path[1:]) != np.stack(path[:-1])).sum(axis=0) if path[1:] else 0
    total = mass[forest["roots"]][:, None]
    inside = (rows[None] == forest["low"][node]).all(axis=2)
    seen = (1 - mass[node] / (2 * total)) / (depth + np.log2(mass[node] + 1))
    scores = np.where(inside, seen, 1 / (depth + 1))
    for level in range(len(path) - 2, -1, -1):
        here = path[level]
        low, high = forest["low"][here], forest["high"][here]
        before = (high - low).sum(axis=2, dtype=float)
        wider = np.maximum(high, rows) - np.minimum(low, rows)
        after = wider.sum(axis=2, dtype=float)
        passed = (dim[here] != _LEAF) & ~inside
        apart = np.where(passed, 1 - before / np.where(after > 0, after, 1), 0)
        inside |= passed & (apart <= 0)
        moved = apart / (level + 1) + (1 - apart) * scores
        scores = np.where(passed & ~inside, moved, scores)
    return (scores * np.log2(total + 1)).mean(axis=0)
