"""Why a submission is not graded: the file, the reason, the next step."""

from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 200


@dataclass(frozen=True)
class Rejection:
    """What the student and the instructor are told.

    Attributes:
        file: as it was handed in; empty if nothing was.
        reason: the end of a sentence whose subject is the file.
        next: what to do about it.
    """

    file: str
    reason: str
    next: str

    def document(self) -> dict[str, Any]:
        """Give plain JSON."""
        return asdict(self)


_ITSELF = "hand in the notebook itself, a file that ends in .ipynb"
_PLAIN = "hand in the .ipynb file itself, without an archive"
BY_KIND = {
    "link": ("is a link, and links are not followed", _ITSELF),
    "pipe": ("is a named pipe, not a file", _ITSELF),
    "socket": ("is a socket, not a file", _ITSELF),
    "device": ("is a device, not a file", _ITSELF),
    "folder": ("is a folder, not a file", _ITSELF),
    "unreadable": ("cannot be listed", "give yourself the right to read it, and go on"),
    "many": ("is one of more than 2,000 files", _ITSELF),
    "encrypted": ("is encrypted", "hand it in again without a password"),
    "bomb": ("unpacks to more than 200 times its size", _PLAIN),
    "outside": ("names a place outside its archive", _PLAIN),
    "duplicate": ("stands in its archive more than once", _PLAIN),
}


def shown(text: str) -> str:
    """Make a name fit for a report: printable, valid text of at most 200 characters."""
    clean = "".join(each if each.isprintable() else _escaped(each) for each in text)
    return clean if len(clean) <= SHOWN else f"{clean[: SHOWN - 1]}…"


def _escaped(character: str) -> str:
    return (
        character.encode("ascii", "backslashreplace").decode("ascii")
        if (ord(character) > 127)
        else f"\\x{ord(character):02x}"
    )
