"""How far a job has read each of its sources: objects by their time of change.

The endpoint lays the state down before the run, and takes up what `commit` wrote.
"""

import json
import os
from pathlib import Path
from typing import Any

State = dict[str, Any]
STATE, COMMITTED = "bookmark.json", "committed.json"
_folder: Path | None = None
_old: State = {}
_new: State = {}
_pauses = False


def begin() -> None:
    """Read the state of the last run that was committed."""
    global _folder, _old, _new, _pauses
    _folder = Path(os.environ["GLUE_RUN"])
    given = json.loads((_folder / STATE).read_text())
    _pauses = given["option"] == "job-bookmark-pause"
    active = given["option"] != "job-bookmark-disable"
    _old = given["state"] if active else {}
    _new = dict(_old)
    if not active:
        _folder = None


def begun() -> bool:
    """Return whether bookmarks are read."""
    return _folder is not None


def fresh(context: str, objects: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the objects that a source has not read, and note them.

    Args:
        context: The source's transformation_ctx; without one all are new.
        objects: Addresses and times of change.
    """
    if _folder is None or not context:
        return objects
    known = _old.get(context, {"timestamp": "", "paths": []})
    found = [
        (uri, when)
        for uri, when in objects
        if when > known["timestamp"]
        or (when == known["timestamp"] and uri not in known["paths"])
    ]
    if found:
        last = max(when for _, when in found)
        paths = [uri for uri, when in found if when == last]
        if last == known["timestamp"]:
            paths += known["paths"]
        _new[context] = {"timestamp": last, "paths": sorted(paths)}
    return found


def commit() -> None:
    """Write down how far the sources were read, unless bookmarks pause."""
    if _folder is None or _pauses:
        return
    half = _folder / f"{COMMITTED}.half"
    half.write_text(json.dumps(_new))
    half.rename(_folder / COMMITTED)
