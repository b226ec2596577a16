"""Brings objects here from their signed addresses."""

import html
import re
import shutil
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError

from localaws.lake.errors import QueryError
from localaws.lake.plan import File, Table

_AT_ONCE = 4
_SAID = re.compile(r"<Code>([\w.]+)</Code>(?:\s*<Message>(.*?)</Message>)?")


def bring(jobs: list[tuple[File, Path]], most: int | None = None) -> None:
    """Copy objects to files.

    Args:
        jobs: What, and where to; the folders are there.
        most: Bytes of each that are wanted from its start; None for all.

    Raises:
        QueryError: An object cannot be read.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda job: _copy(*job, most), jobs):
            continue


def fetch(table: Table, places: list[int], folder: Path) -> dict[int, list[Path]]:
    """Copy the objects of some partitions of a table.

    Args:
        table: The table.
        places: Which of its partitions.
        folder: Where to; is made.

    Returns:
        The files of each partition.

    Raises:
        QueryError: An object cannot be read.
    """
    jobs: list[tuple[File, Path]] = []
    found: dict[int, list[Path]] = {}
    for place in places:
        below = folder / f"__p={place}"
        below.mkdir(parents=True)
        for number, file in enumerate(table.partitions[place].files):
            name = re.sub(r"[^\w.-]", "_", file.uri.rpartition("/")[2])
            jobs.append((file, below / f"{number}-{name}"))
            found.setdefault(place, []).append(jobs[-1][1])
    bring(jobs)
    return found


def _copy(file: File, path: Path, most: int | None) -> None:
    request = urllib.request.Request(file.url)
    if most is not None and most < file.size:
        request.add_header("Range", f"bytes=0-{most - 1}")
    try:
        with urllib.request.urlopen(request) as stream, path.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    except HTTPError as error:
        said = _SAID.search(error.read().decode(errors="replace"))
        reason = ": ".join(filter(None, said.groups())) if said else error.reason
        raise QueryError(
            f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {file.uri} (offset=0, "
            f"length={file.size}): {html.unescape(reason)}",
            1501 if reason.startswith("AccessDenied") else 1302,
        ) from error
