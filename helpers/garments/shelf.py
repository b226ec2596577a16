"""The thin shelf: photographs of five kinds of garment, one of which hardly occurs.

The garments are real (Fashion-MNIST, `data/samples/shelf.parquet`, 14 by 14 grey
values). Each article was photographed twice: the second photograph is the first, moved
by less than a pixel and with a little noise, as a second photograph is.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.samples import sample

SIDE = 14
ARTICLES, THIN, HIDDEN = 200, 8, 100
# A sneaker looks like nothing else on the shelf: it would be found without treatment.
CANDIDATES = ["T-shirt", "coat", "dress", "pullover"]


@dataclass(frozen=True)
class Shelf:
    """What a seed has drawn.

    Attributes:
        thin: the kind that hardly occurs.
        photos: what the task is given: photo, article, garment, pixels.
        hidden: garment and pixels of articles that are in no given photograph.
    """

    thin: str
    photos: pd.DataFrame
    hidden: pd.DataFrame


@cache
def drawn(seed: int) -> Shelf:
    """Draw the shelf of a seed; leave its frames alone."""
    rng = np.random.default_rng(seed)
    thin = str(rng.choice(CANDIDATES))
    given, hidden = [], []
    for kind, stock in pd.read_parquet(sample("shelf.parquet")).groupby("garment"):
        images = [stock["pixels"].iloc[n] for n in rng.permutation(len(stock))]
        articles = THIN if kind == thin else ARTICLES
        for image in images[:articles]:
            given += [(kind, image, image), (kind, image, _again(image, rng))]
        hidden += [(kind, image) for image in images[-HIDDEN:]]
    rows = pd.DataFrame(given, columns=["garment", "first", "pixels"])
    rows.insert(0, "article", pd.factorize(rows.pop("first"))[0] + 1)
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    rows.insert(0, "photo", rows.index + 1)
    return Shelf(thin, rows, pd.DataFrame(hidden, columns=["garment", "pixels"]))


def grey(pixels: pd.Series) -> np.ndarray:
    """Give a row of 196 grey values, 0 to 255, for each photograph."""
    return np.vstack([np.frombuffer(each, np.uint8) for each in pixels])


def _again(image: bytes, rng: np.random.Generator) -> bytes:
    from scipy import ndimage

    first = np.frombuffer(image, np.uint8).reshape(SIDE, SIDE).astype(float)
    moved = ndimage.shift(first, rng.uniform(-0.7, 0.7, size=2), order=1)
    noisy = moved + rng.normal(0, 6, size=moved.shape) * (moved > 0)
    return noisy.clip(0, 255).round().astype(np.uint8).tobytes()


def land(given: dict[str, int]) -> dict[str, pd.DataFrame]:
    """Give the photographs of what `check.inputs` has drawn."""
    return {"photos": drawn(given["seed"]).photos.copy()}
