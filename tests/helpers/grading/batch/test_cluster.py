"""The same class on a Dask cluster: by day in this process, at night in several."""

import threading
import time
from contextlib import contextmanager

import pytest

from helpers.grading.batch import duty, ending
from helpers.grading.batch.crew import Cluster
from helpers.grading.batch.ending import Ended
from tests.helpers.grading.batch import parts

distributed = pytest.importorskip("distributed", exc_type=ModuleNotFoundError)


@contextmanager
def cluster(processes):
    started = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=processes,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        protocol="tcp://",
    )
    with started:
        yield started


@pytest.fixture(scope="module")
def near():
    with cluster(processes=False) as started:
        yield started


@pytest.fixture(scope="module")
def apart():
    with cluster(processes=True) as started:
        yield started


def test_the_report_is_that_of_one_machine(batch, near, root, tmp_path):
    parts.hand_in(root, "lost")
    assert len(batch()) == 1
    here = parts.timeless(tmp_path / "out")
    address = near.scheduler_address
    left = batch(scheduler=address, out=tmp_path / "far")
    assert [each["submission"] for each in left] == ["lost"]
    assert parts.timeless(tmp_path / "far") == here
    assert duty._kept == []


def test_a_worker_with_another_lab_is_refused(batch, near, monkeypatch):
    monkeypatch.setattr(duty, "fit", lambda _: "its lab is another")
    monkeypatch.setattr("helpers.grading.batch.crew.fit", duty.fit)
    with pytest.raises(Ended, match=r"(tcp|inproc):.*: its lab is another") as ended:
        batch(scheduler=near.scheduler_address)
    assert ended.value.code == ending.REFUSED


def test_a_lab_is_told_from_another_of_its_name(lab, tmp_path):
    def fits(digest, preflight=parts.preflight):
        known = (str(lab), 1, digest, "full")
        return duty.fit(duty.Duty(*known, parts.grade, parts.opens, preflight))

    from helpers.grading.batch import plan
    from helpers.grading.lab import Lab

    assert fits(plan.digest(Lab.load(lab))) == ""
    assert "is another: bring the course there up to date" in fits("else")
    assert "bubblewrap is missing" in fits("else", parts.refusing)


def test_a_cluster_without_workers_is_given_up(near, monkeypatch):
    monkeypatch.setattr("helpers.grading.batch.crew.PATIENCE", 8.0)
    crew = Cluster(near.scheduler_address)
    crew.check()
    monkeypatch.setattr(crew, "_threads", dict)
    crew.check()
    monkeypatch.setattr("helpers.grading.batch.crew.PATIENCE", -1.0)
    with pytest.raises(Ended, match="has had no worker"):
        crew.check()
    crew.close(kill=True)


# a nanny that meets a warning as an error does not restart its worker
@pytest.mark.filterwarnings("default")
@pytest.mark.nightly(reason="test_the_report_is_that_of_one_machine, in one process")
def test_a_submission_that_kills_workers_costs_nobody_else(
    batch, apart, root, tmp_path
):
    parts.hand_in(root, "killer")
    left = batch(scheduler=apart.scheduler_address)
    assert [each["submission"] for each in left] == ["killer"]
    assert "KilledWorker" in left[0]["notes"][-1]
    points = {k: r["points"] for k, r in parts.results(tmp_path / "out").items()}
    assert points == {f"s{n}": 1 for n in range(6)} | {"bad": 0, "killer": 0}


@pytest.mark.nightly(reason="test_a_cluster_without_workers_is_given_up")
def test_a_scheduler_that_is_gone_ends_the_run_which_can_go_on(batch, tmp_path):
    with cluster(processes=True) as started:
        address = started.scheduler_address

        def vanish():
            journal = tmp_path / "out" / "results.jsonl"
            while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
                time.sleep(0.05)
            started.close(timeout=5)

        ending_it = threading.Thread(target=vanish)
        ending_it.start()
        with pytest.raises(Ended, match=r"gone|no worker") as ended:
            batch(parts.means(grade=parts.slowly), scheduler=address)
        ending_it.join()
    assert ended.value.code == ending.LEFT
    assert batch(parts.means()) == []
    assert len(parts.results(tmp_path / "out")) == 7
