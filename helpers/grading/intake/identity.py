"""Who handed in a file, by the name that a learning platform gave it.

| platform | the name in its download of all submissions |
|---|---|
| Moodle | `Full Name_12345_assignsubmission_file/lab.ipynb`, or with `_` for `/` |
| Canvas | `lastfirst_LATE_12345_67890_lab.ipynb`, or `anon_AbCdE_67890_lab.ipynb` |
| Blackboard | `Assignment_username_attempt_2026-01-31-23-59-59_lab.ipynb` |
| Gradescope | `submission_12345/lab.ipynb`, and who in `submission_metadata.yml` |

The first is from Moodle's `mod/assign/classes/downloader.php`, the second from Canvas's
`lib/content_zipper.rb`. What stands inside a notebook tells nothing of its owner.
"""

import re
from dataclasses import dataclass

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?"
)
_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)??(?:LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_\d+_(?P<file>.+)"
)
_BLACKBOARD = re.compile(
    r".+_(?P<id>[^_]+)_attempt_(?P<when>[\d-]{19})(?:_(?P<file>.+)|\.txt)"
)
_COPY = re.compile(r"\s*(?:\(\d+\)|- ?[Cc]opy\d*|[-_ ]\d+)$")


@dataclass(frozen=True)
class Owner:
    """Who a name says has handed something in.

    Attributes:
        id: the platform's, or the name of the folder or file.
        name: the person's, if it is told.
        file: the rest of the name: what the student's own file was called.
        when: the time of the attempt, if it is told; else empty.
        platform: which pattern it was; empty if none.
    """

    id: str
    name: str = ""
    file: str = ""
    when: str = ""
    platform: str = ""


def owner(name: str, is_folder: bool, lab: str) -> Owner:
    """Tell the owner by the first name of a path.

    Args:
        name: of a folder or a file directly below what was handed in.
        is_folder: which of the two it is.
        lab: the name of the lab, which files may bear too.
    """
    if found := _MOODLE.fullmatch(name):
        return _by("Moodle", found)
    if not is_folder:
        if found := _BLACKBOARD.fullmatch(name):
            return _by("Blackboard", found)
        if (found := _CANVAS.fullmatch(name)) and not name.startswith(lab):
            return _by("Canvas", found)
    return Owner(name if is_folder else _stem(name, lab), file=name)


def normal(name: str) -> str:
    """Give a file's name without case, ending, marks of a copy and separators."""
    stem = re.sub(r"\.(ipynb|zip)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"[\W_]+", "", _COPY.sub("", stem)).casefold()


def _by(platform: str, found: re.Match[str]) -> Owner:
    said = {key: text or "" for key, text in found.groupdict().items()}
    return Owner(**said, platform=platform)


def _stem(name: str, lab: str) -> str:
    stem = re.sub(r"\.(ipynb|zip)$", "", name, flags=re.IGNORECASE)
    without = re.sub(rf"[\s_-]*{re.escape(lab)}[\s_-]*", " ", stem, flags=re.IGNORECASE)
    without = re.sub(r"\s*\(\d+\)$", "", without).strip()
    return without or stem
