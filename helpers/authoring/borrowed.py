"""The samples that are cut from other people's packages, which authors fetch by hand.

Such a package is Debian's, or weighs much and serves one file, so no environment holds
it. Where it lies in `SOURCES` the file is made anew; where not, it stays as it is, and
its sum is compared.
"""

import gzip
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.samples import DataError, sample

if TYPE_CHECKING:
    from pandas import DataFrame

SOURCES = Path(sys.prefix, "sources")
IMAGES = "fashion-mnist/t10k-images-idx3-ubyte.gz"
LABELS = "fashion-mnist/t10k-labels-idx1-ubyte.gz"
SEED = 13
OF_A_KIND = 80
SIDE = 28
OF_A_SHELF = 400
GARMENTS = {0: "T-shirt", 2: "pullover", 3: "dress", 4: "coat", 7: "sneaker"}


class Changed(Exception):
    """A sample that is not what it was, or a package that is not its own."""


@dataclass(frozen=True)
class Borrowed:
    """A sample of another package: its provenance, and how it is cut.

    Attributes:
        file: its name in `data/samples`.
        source: the package, and what in it.
        how: which of its rows.
        licence: under which it may be passed on.
        needs: files below `SOURCES`, with the sha256 of each.
        cut: reads them.
        seed: draws the rows, if any are drawn.
    """

    file: str
    source: str
    how: str
    licence: str
    needs: tuple[tuple[str, str], ...]
    cut: Callable[..., "DataFrame"]
    seed: int | None = None

    def frame(self) -> "DataFrame | None":
        """Cut the sample anew; nothing where the package has not been fetched.

        Raises:
            Changed: if the package is another one.
        """
        needs = {SOURCES / name: digest for name, digest in self.needs}
        if not all(path.is_file() for path in needs):
            return None
        for path, digest in needs.items():
            if sha256(path.read_bytes()).hexdigest() != digest:
                raise Changed(f"{path} is not the file from which {self.file} was cut")
        return self.cut(*needs)

    def kept(self) -> tuple[bytes, "DataFrame"]:
        """Give the sample that is there, and its rows.

        Raises:
            Changed: if it is not what it was.
        """
        from pandas import read_parquet

        try:
            content = sample(self.file).read_bytes()
        except DataError as error:
            raise Changed(
                f"{self.file} is missing or another one: restore it, or put its "
                f"package into {SOURCES} (see CONTRIBUTING)"
            ) from error
        return content, read_parquet(BytesIO(content))


def _garments(images: Path, labels: Path) -> "DataFrame":
    from pandas import DataFrame

    # The header of the images has 16 bytes, that of the labels 8.
    pixels = gzip.decompress(images.read_bytes())[16:]
    kinds = gzip.decompress(labels.read_bytes())[8:]
    size = SIDE * SIDE
    rows = [
        {"number": number, "garment": GARMENTS[kind], "pixels": image}
        for number, kind in enumerate(kinds)
        if kind in GARMENTS and (image := pixels[number * size :][:size])
    ]
    drawn = DataFrame(rows).groupby("garment").sample(OF_A_KIND, random_state=SEED)
    return drawn.sort_values("number").reset_index(drop=True)


def _shelf(images: Path, labels: Path) -> "DataFrame":
    """Give more garments, of half the side: each grey value is the mean of four."""
    import numpy as np
    from pandas import DataFrame

    half = SIDE // 2
    pixels = np.frombuffer(gzip.decompress(images.read_bytes())[16:], np.uint8)
    means = pixels.reshape(-1, half, 2, half, 2).mean(axis=(2, 4))
    small = means.round().astype(np.uint8)
    rows = [
        {"number": number, "garment": GARMENTS[kind], "pixels": small[number].tobytes()}
        for number, kind in enumerate(gzip.decompress(labels.read_bytes())[8:])
        if kind in GARMENTS
    ]
    drawn = DataFrame(rows).groupby("garment").sample(OF_A_SHELF, random_state=SEED)
    return drawn.sort_values("number").reset_index(drop=True)


TEST_SET = (
    (IMAGES, "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"),
    (LABELS, "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"),
)
BORROWED = (
    Borrowed(
        "garments.parquet",
        "Debian's dataset-fashion-mnist 0.0~git20200523.55506a9-1, the test set",
        f"{OF_A_KIND} random images of each of {len(GARMENTS)} kinds",
        "MIT",
        TEST_SET,
        _garments,
        SEED,
    ),
    Borrowed(
        "shelf.parquet",
        "Debian's dataset-fashion-mnist 0.0~git20200523.55506a9-1, the test set",
        f"{OF_A_SHELF} random images of each of {len(GARMENTS)} kinds, halved in size",
        "MIT",
        TEST_SET,
        _shelf,
        SEED,
    ),
)
