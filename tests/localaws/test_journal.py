"""The journal on disk: what is written is read, and damage is found."""

import datetime as dt
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws import journal_file
from localaws.errors import NoSpace
from localaws.journal import Carrier, Journal
from localaws.journal_file import Corrupt, OtherVersion, Record, check, read

NOW = dt.datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=dt.UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    made = Journal(path, lambda: NOW)
    made.open()
    yield made
    made.close()


def fill(journal: Journal, count: int = 3) -> list[Record]:
    """Write some changes, and return what is to be read of them."""
    found = []
    for number in range(count):
        payload = {"number": number, "at": NOW, "bytes": b"\0\xff", "text": "ä\n"}
        body = bytes([number]) * number * 100
        journal.record("kind", payload, body)
        found.append(Record("kind", NOW, payload, {}, body))
    return found


def test_what_is_written_is_read(journal: Journal, path: Path) -> None:
    written = fill(journal)
    assert [*read(path)] == written
    assert check(path) == (3, 3, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_not_there_or_empty_holds_nothing(path: Path) -> None:
    assert check(path) is None
    for length in (0, 5, len(journal_file.header()) - 1):
        path.write_bytes(journal_file.header()[:length])
        assert check(path) is None
    path.write_bytes(journal_file.header())
    assert check(path) == (0, 0, len(journal_file.header()))


def test_a_record_cut_short_is_dropped_at_every_byte(
    journal: Journal, path: Path
) -> None:
    written = fill(journal, 2)
    whole = path.read_bytes()
    ends = [len(journal_file.header())]
    for record in written:
        parts = journal_file.parts("kind", NOW, record.payload, {}, record.body)
        ends.append(ends[-1] + sum(map(len, parts)))
    for length in range(ends[0], len(whole)):
        path.write_bytes(whole[:length])
        left = sum(end <= length for end in ends[1:])
        assert check(path) == (left, left, ends[left])
        assert [*read(path)] == written[:left]


def test_a_flipped_bit_is_found_at_every_byte(journal: Journal, path: Path) -> None:
    fill(journal, 2)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(Corrupt):
            check(path)


def test_another_schema_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "SCHEMA", 2)
    path.write_bytes(journal_file.header())
    monkeypatch.undo()
    with pytest.raises(OtherVersion, match=r"schema 2; this version .* reads schema 1"):
        check(path)


def test_a_damaged_file_gets_a_free_name(path: Path) -> None:
    for number in (1, 2, 3):
        path.write_text("damaged")
        assert journal_file.set_aside(path) == path.with_name(
            f"journal.corrupt-{number}"
        )
    assert not path.exists()


def test_it_goes_on_after_the_last_whole_record(journal: Journal, path: Path) -> None:
    written = fill(journal)
    journal.close()
    with path.open("ab") as file:
        file.write(b"half a record")
    found = check(path)
    assert found is not None
    journal.open(found[2], found[1])
    written += fill(journal, 1)
    assert [*read(path)] == written
    assert journal.changes == 4


def test_many_threads_write_whole_records(journal: Journal, path: Path) -> None:
    def write(name: int) -> None:
        for _ in range(50):
            journal.record("kind", {"name": name}, bytes([name]) * 1000)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [*read(path)]
    assert len(found) == 400
    assert all(r.body == bytes([r.payload["name"]]) * 1000 for r in found)


def test_close_keeps_what_holds_changes_and_forgets_on_request(
    journal: Journal, path: Path
) -> None:
    journal.record("endpoint", {})
    journal.close()
    assert not path.exists()
    journal.open()
    fill(journal)
    journal.close()
    assert path.exists()
    journal.record("kind", {"late": True})
    assert len([*read(path)]) == 3
    journal.close(forget=True)
    assert path.exists()
    journal.open(path.stat().st_size, 3)
    journal.close(forget=True)
    assert not path.exists()


def test_empty_forgets_and_goes_on(journal: Journal, path: Path) -> None:
    fill(journal)
    journal.empty()
    assert (journal.changes, [*read(path)]) == (0, [])
    written = fill(journal, 1)
    assert [*read(path)] == written


def test_what_is_carried_goes_along_once(path: Path) -> None:
    values: dict[str, int] = {"a": 1}
    saved: list[Any] = []

    def keep(found: dict[str, int]) -> None:
        saved.append(found)
        values.clear()

    carrier = Carrier("clock", lambda: dict(values), keep, urgent=True)
    journal = Journal(path, lambda: NOW, carrier)
    journal.open()
    journal.record("kind", {})
    journal.record("kind", {})
    journal.settle(moved=False)
    values["b"] = 2
    journal.settle(moved=False)
    journal.close()
    assert [(r.kind, r.carried["clock"]) for r in read(path)] == [
        ("kind", {"a": 1}),
        ("kind", {}),
        ("clock", {"b": 2}),
    ]
    assert saved == [{"a": 1}, {}, {"b": 2}]


def test_at_its_limit_it_says_since_when_nothing_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALAWS_JOURNAL_BYTES", "3000")
    journal = Journal(path, lambda: NOW)
    journal.open()
    for _ in range(9):
        journal.record("kind", {}, bytes(1000))
    assert journal.full == NOW
    assert [r.kind for r in read(path)] == ["kind", "kind", "full"]
    journal.empty()
    assert journal.full is None
    assert len(fill(journal, 1)) == len([*read(path)])
    journal.close()


def test_what_json_cannot_hold_is_an_error_and_leaves_the_file_alone(
    journal: Journal, path: Path
) -> None:
    with pytest.raises(TypeError, match="object cannot be kept"):
        journal.record("kind", {"x": object()})
    assert [*read(path)] == []


@pytest.mark.parametrize("kept", range(0, 400, 40))
def test_a_full_disk_is_an_error_and_leaves_the_file_whole(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """F7: the write of a record ends after some bytes."""
    written = fill(journal)
    real, calls = os.write, []

    def short(file: int, parts: list[bytes]) -> int:
        return real(file, b"".join(parts)[:kept])

    def full(file: int, data: bytes) -> int:
        calls.append(len(data))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "writev", short)
        patch.setattr(os, "write", full)
        with pytest.raises(NoSpace, match="No space left on device") as caught:
            journal.record("kind", {}, bytes(400))
    assert (caught.value.status, caught.value.code) == (507, "InsufficientStorage")
    assert calls
    written += fill(journal, 1)
    assert [*read(path)] == written


def test_values_come_back_as_they_went() -> None:
    value = {"a": [1, 2.5, None, True, {"b": NOW}], "c": b"\0", "ä": {"localaws": 1}}
    assert journal_file.decode(journal_file.encode(value)) == value
    assert json.loads(journal_file.encode({"plain": [1]})) == {"plain": [1]}
