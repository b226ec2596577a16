"""What a new endpoint takes up from the journal of the last one.

Requests that moto answered are put to it again, at their times and with their ids;
documents and the state of the services are set. Then the families and services end
what ran, or begin it again. A journal that is damaged is kept aside, and the endpoint
starts empty; one of another version stops the start.
"""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws import compat, journal_file, sagemaker
from localaws.home import ENDED, KEYSTORE, PROGRESS
from localaws.journal_file import Corrupt, Record
from localaws.services import RESTORERS, RESUMERS

if TYPE_CHECKING:
    from localaws.server import Server

NOTHING = f"{ENDED}; it held nothing."
_STEP_SECONDS = 0.5
_STORE = ("document", "deleted", "tags")
log = logging.getLogger(__name__)


def begin(server: "Server") -> None:
    """Begin an empty journal with what the next endpoint needs to be the same."""
    server.journal.empty()
    if server.journal.path is not None:
        server.journal.path.with_name(KEYSTORE).unlink(missing_ok=True)
    keys = server.keys
    made = server.journal.record(
        "endpoint",
        {
            "access_key": keys.access_key,
            "secret_key": keys.secret_key,
            "port": server.port,
        },
    )
    compat.date_learner(server.engine.store.account, made)


def recover(server: "Server") -> str:
    """Take up the journal of the last endpoint, and begin or go on to write it.

    Returns:
        What a learner should know of it, or nothing.
    """
    path = server.journal.path
    assert path is not None
    try:
        found = journal_file.check(path)
    except Corrupt as error:
        kept = journal_file.set_aside(path)
        found, note = None, f"The endpoint's journal is damaged ({error}): it starts "
        note += f"empty, and the file is kept as {kept}."
    else:
        note = ""
    if found is None or not found[1]:
        server.journal.open()
        begin(server)
        return note or (NOTHING if found else "")
    records, changes, end = found
    failed = _replay(server, path, records)
    server.journal.open(end, changes)
    _resume(server)
    return _note(server, changes, failed)


def _replay(server: "Server", path: Path, records: int) -> int:
    """Take up every record; return how many could not be."""
    progress, told = path.with_name(PROGRESS), time.monotonic()
    failed: set[str] = set()
    for number, record in enumerate(journal_file.read(path)):
        if time.monotonic() - told > _STEP_SECONDS:
            told = time.monotonic()
            with contextlib.suppress(OSError):
                progress.write_text(f"restored {number} of {records} changes")
        server.clock.restore(record.moment, record.carried.get("clock", {}))
        server.meter.restore(record.carried.get("bill", []))
        seed = record.payload.get("seed", str(number))
        if record.kind == "failed":
            failed.discard(seed)
            continue
        try:
            _apply(server, record)
        except Exception:
            log.exception("record %d: %s", number, record.kind)
            failed.add(seed)
    progress.unlink(missing_ok=True)
    server.clock.resume()
    return len(failed)


def _apply(server: "Server", record: Record) -> None:
    kind, payload, body = record.kind, record.payload, record.body
    if kind == "moto":
        server.changes.repeat(payload, body, record.moment)
    elif kind in _STORE:
        server.engine.store.restore(kind, payload, body)
    elif kind in sagemaker.RESTORERS:
        sagemaker.RESTORERS[kind](server.engine, payload, body)
    elif kind in RESTORERS:
        RESTORERS[kind](server.context, payload, body)
    elif kind == "endpoint":
        compat.date_learner(server.engine.store.account, record.moment)
    elif kind == "full":
        server.journal.full = record.moment


def _resume(server: "Server") -> None:
    works: list[tuple[Callable[[Any], None], Any]] = [
        *((resume, server.context) for resume in RESUMERS),
        *((resume, server.engine) for resume in sagemaker.RESUMERS),
    ]
    for resume, subject in works:
        try:
            resume(subject)
        except Exception:
            log.exception("%s.%s", resume.__module__, resume.__name__)


def _note(server: "Server", changes: int, failed: int) -> str:
    note = f"{ENDED}: {changes} changes are restored."
    if failed:
        note += f" {failed} could not be: see daemon.log."
    if server.journal.full:
        note += (
            f" Those after {server.journal.full:%Y-%m-%d %H:%M:%S} UTC are lost: the "
            "journal had reached its limit."
        )
    return note
