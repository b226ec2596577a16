"""Pictures of digits with few eights, and more eights made of those few."""

from typing import Any

import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIDE = 8


def thinned(
    seed: int, left: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Split the digits in halves, and leave few eights in the first.

    Returns:
        Pictures and digits to learn from, pictures and digits to be judged by; the
        second half is whole.
    """
    pixels, digits = load_digits(return_X_y=True)
    learn, test, said, truth = train_test_split(
        pixels, digits, test_size=0.5, stratify=digits, random_state=seed
    )
    eights = np.flatnonzero(said == 8)
    kept = np.union1d(np.flatnonzero(said != 8), eights[:left])
    return learn[kept], said[kept], test, truth


def augment(
    learn: np.ndarray, said: np.ndarray, count: int = 80
) -> tuple[np.ndarray, np.ndarray]:
    """Add eights, turned by 12 degrees and moved by a pixel at most."""
    rng = np.random.default_rng(0)
    eights, more = learn[said == 8].reshape(-1, SIDE, SIDE), []
    for each in rng.integers(len(eights), size=count):
        angle, way = rng.uniform(-12, 12), rng.uniform(-1, 1, size=2)
        turned = ndimage.rotate(eights[each], angle, reshape=False, order=1)
        more.append(ndimage.shift(turned, way, order=1).ravel())
    return np.vstack([learn, more]), np.append(said, [8] * count)


def sheet(axes: Any) -> None:
    """Draw the eight of the first draw, and below them eight that were made."""
    learn, said, _, _ = thinned(0)
    more, _ = augment(learn, said)
    rows = learn[said == 8], more[len(learn) :][:8]
    images = [np.hstack(list(row.reshape(-1, SIDE, SIDE))) for row in rows]
    axes.imshow(np.vstack(images), cmap="Greys")
    axes.axis("off")
