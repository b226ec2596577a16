"""What the grader's own failures cost: never points, and nobody else anything."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.grading.batch import ending, rounds
from helpers.grading.batch.crew import Local
from helpers.grading.batch.duty import Duty
from helpers.grading.batch.ending import Ended
from tests.helpers.grading.batch import parts

OWED = "the grader failed each time, at last by"


def graded(out):
    return {k: r["points"] for k, r in parts.results(out).items() if k[0] == "s"}


FAIR = {f"s{number}": 1 for number in range(6)}


def test_faults_are_tried_again_and_then_owed(batch, root, tmp_path):
    for name in ("hungry", "lost", "unready", "once"):
        parts.hand_in(root, name)
    left = {each["submission"]: each for each in batch()}
    why = {key: each["notes"][-1] for key, each in left.items()}
    assert why == {
        "hungry": f"{OWED} MemoryError",
        "lost": f"{OWED} Lost: no pod",
        "unready": f"{OWED} the endpoint did not start",
    }
    assert {each["verdict"] for each in left.values()} == {"infrastructure"}
    assert {each["maximum"] for each in left.values()} == {100}
    found = parts.results(tmp_path / "out")
    assert found["once"]["verdict"] == "graded"
    assert graded(tmp_path / "out") == FAIR


def test_what_is_owed_is_graded_by_the_next_run(batch, root, tmp_path):
    parts.hand_in(root, "lost")
    assert len(batch()) == 1

    def mended(work, *rest):
        assert work["student"] == "lost"
        return parts.grade({**work, "student": "found"}, *rest)

    assert batch(parts.means(grade=mended)) == []
    assert parts.results(tmp_path / "out")["lost"]["verdict"] == "graded"
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 8


def test_a_fault_takes_the_warm_sandbox_with_it(batch, root):
    opened = []

    class Warm(dict):
        def __enter__(self):
            opened.append(self)
            self["graded"] = 0
            return self

        def __exit__(self, *_):
            opened.remove(self)
            self["ended"] = True

    def grade(work, lab, seed, warm):
        assert "ended" not in warm
        return parts.grade(work, lab, seed, warm)

    parts.hand_in(root, "lost")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.grading.batch.duty._kept", [])
        lost = parts.means(grade=grade, opens=lambda *_: Warm())
        assert [each["submission"] for each in batch(lost, workers=1)] == ["lost"]
        assert opened == []


def test_a_worker_that_is_killed_takes_its_own_submission_alone(batch, root, tmp_path):
    parts.hand_in(root, "killer")
    left = batch(parts.means(executor=None))
    assert [each["submission"] for each in left] == ["killer"]
    assert left[0]["notes"] == [
        *left[0]["notes"][:-1],
        f"{OWED} its worker was killed",
    ]
    assert graded(tmp_path / "out") == FAIR
    found = [r["seconds"] for r in parts.results(tmp_path / "out").values()]
    turns = [each for each in found if isinstance(each, list)]
    assert os.getpid() not in {pid for pid, _ in turns}
    assert max(turn for _, turn in turns) > 1


def test_a_full_disk_stops_the_run_with_nothing_half_written(
    batch, tmp_path, monkeypatch
):
    write, writes = os.write, []

    def full(file, data):
        writes.append(data)
        if len(writes) == 4:
            write(file, bytes(data)[:40])
            raise OSError(28, "No space left on device")
        return write(file, data)

    monkeypatch.setattr("helpers.grading.batch.journal.os.write", full)
    with pytest.raises(Ended, match=r"No space left .* nothing that is graded is lost"):
        batch(workers=1)
    kept = (tmp_path / "out" / "results.jsonl").read_text()
    assert kept.endswith("}\n")
    assert len(parts.results(tmp_path / "out")) == 3
    monkeypatch.undo()
    assert batch() == []
    assert graded(tmp_path / "out") == FAIR


def test_a_disk_that_is_full_at_once_says_so(batch, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "run.json")

    monkeypatch.setattr("helpers.grading.batch.plan.os.fsync", full)
    with pytest.raises(Ended, match="No space left on device") as ended:
        batch()
    assert ended.value.code == ending.LEFT
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["results.jsonl"]


def test_a_disk_that_is_full_for_the_report_leaves_the_results(batch, tmp_path):
    def full(out):
        raise OSError(28, "No space left on device", str(out / "class.html"))

    with pytest.raises(Ended, match=r"class.html: No space left .* results stand"):
        batch(parts.means(report=full))
    assert graded(tmp_path / "out") == FAIR
    assert batch() == []


def test_no_more_is_read_than_is_graded():
    read, crew = [], Local(2, lambda: ThreadPoolExecutor(1))

    def work(key):
        read.append(key)
        return {"student": key}

    def grade(given, *_):
        return {"verdict": "graded", "notes": []}

    duty = Duty("lab", 1, "", "full", grade, parts.opens, parts.preflight)
    ahead = []
    for count, _ in enumerate(rounds.graded(crew, duty, list("abcdefgh"), work), 1):
        ahead.append(len(read) - count)
    crew.close(kill=False)
    assert sorted(read) == list("abcdefgh")
    assert max(ahead) <= 1
