"""Nothing is left of a job, whoever is killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from localaws.jobs import Command, Job, Limits, WarmParent

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs subreapers")


@pytest.fixture
def pids(tmp_path: Path) -> Path:
    folder = tmp_path / "pids"
    folder.mkdir()
    return folder


@pytest.fixture
def owner(pids: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(HERE / "owner.py"), str(pids)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def family(pids: Path) -> list[psutil.Process]:
    return [psutil.Process(int(one.read_text())) for one in pids.iterdir()]


@pytest.mark.parametrize("victim", ["owner", "keeper", "supervisor", "job"])
def test_kill_9_of_any_one_leaves_nothing(
    victim: str, owner: subprocess.Popen[str], pids: Path, gone
) -> None:
    assert owner.stdout is not None
    word, keeper_pid, warm = owner.stdout.readline().split()
    assert (word, warm) == ("ready", "True")
    keeper = psutil.Process(int(keeper_pid))
    (supervisor,) = keeper.children()
    job = next(one for one in supervisor.children() if one.pid not in _pids_of(pids))
    everybody = [keeper, supervisor, job, *family(pids)]
    assert len(everybody) >= 7
    target = {"keeper": keeper, "supervisor": supervisor, "job": job}.get(victim)
    (target or psutil.Process(owner.pid)).send_signal(signal.SIGKILL)
    left = everybody if victim == "owner" else everybody[1:]
    gone(left)
    if victim != "owner":
        expected = "exited" if victim == "job" else "lost"
        assert owner.stdout.readline().split() == ["outcome", expected]
        assert owner.wait(10) == 0


def _pids_of(pids: Path) -> set[int]:
    names = [one for one in pids.iterdir() if one.name != "main"]
    return {int(one.read_text()) for one in names}


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("how", ["ends", "fails", "stopped", "timeout"])
def test_nothing_is_left_when_run_returns(
    how: str,
    warm: bool,
    pids: Path,
    parent: WarmParent,
    environ: dict[str, str],
) -> None:
    argv = [str(pids), *{"ends": ["0"], "fails": ["7"]}.get(how, [])]
    seconds = 1.5 if how == "timeout" else 60
    job = Job(
        Command(environ, pids.parent, HERE / "stubborn.py", argv),
        Limits(seconds=seconds, grace=0.2),
        lambda line: job.stop() if how == "stopped" else None,
        parent if warm else None,
    )
    outcome = job.run()
    alive = [
        int(one.read_text())
        for one in pids.iterdir()
        if psutil.pid_exists(int(one.read_text()))
    ]
    assert alive == []
    expected = {
        "ends": (0, "exited"),
        "fails": (7, "exited"),
        "stopped": (-9, "stopped"),
        "timeout": (-9, "timeout"),
    }
    assert (outcome.exit_code, outcome.cause) == expected[how]


def test_a_job_killed_from_outside_has_exited(run, parent) -> None:
    outcome, _ = run("import os; os.kill(os.getpid(), 9)", warm=parent)
    assert (outcome.exit_code, outcome.cause) == (-9, "exited")


def test_joblib_workers_do_not_outlive_their_job(run, parent) -> None:
    source = """
        import os, sys
        from joblib import Parallel, delayed
        print(*Parallel(n_jobs=2)(delayed(os.getpid)() for _ in range(4)))
        os._exit(0)
    """
    outcome, lines = run(source, warm=parent)
    assert outcome.exit_code == 0, lines
    assert not [pid for pid in lines[-1].split() if psutil.pid_exists(int(pid))]
