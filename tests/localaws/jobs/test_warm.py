"""The parent from which jobs are forked."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from localaws.jobs import Command, Job, Limits, WarmParent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
WHICH = "import os, sys; print(os.getppid(), 'sklearn' in sys.modules)"


@pytest.fixture
def own() -> Iterator[WarmParent]:
    warm = WarmParent(preload=("json", "no_such_module"))
    yield warm
    warm.close()


def test_construction_does_not_wait_and_jobs_do(own, run) -> None:
    outcome, lines = run("print('hello')", warm=own)
    assert (outcome.exit_code, lines) == (0, ["hello"])
    assert own.ready(0)
    assert own.warm


def test_the_heavy_libraries_are_there_before_the_job(run, parent) -> None:
    _, lines = run(WHICH, warm=parent)
    assert lines[0].endswith("True")


def test_nothing_of_matplotlib_is_loaded(run, parent) -> None:
    source = "import sys; print([m for m in sys.modules if 'matplotlib' in m])"
    assert run(source, warm=parent)[1] == ["[]"]


def test_the_parent_has_one_thread(parent) -> None:
    assert psutil.Process(parent.pid).num_threads() == 1


def test_libraries_with_thread_pools_work_after_the_fork(run, parent) -> None:
    source = """
        import os
        import numpy as np, xgboost
        from sklearn.cluster import KMeans
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits
        rng = np.random.default_rng(0)
        x = rng.normal(size=(2000, 5)); y = x[:, 0] > 0
        with threadpool_limits(2):
            HistGradientBoostingClassifier(max_iter=5).fit(x, y)
            KMeans(4, n_init=2).fit(x)
            x.T @ x
        xgboost.train({"nthread": 2}, xgboost.DMatrix(x, y, nthread=2), 5)
        print(len(os.listdir("/proc/self/task")) > 1)
    """
    outcome, lines = run(source, warm=parent, limits=Limits(seconds=30))
    assert (outcome.cause, lines) == ("exited", ["True"])


def test_a_killed_parent_is_started_again(own, run) -> None:
    assert own.ready(30)
    first = own.pid
    os.kill(first, signal.SIGKILL)
    outcome, lines = run("print('hello')", warm=own)
    assert (outcome.exit_code, lines) == (0, ["hello"])
    assert own.pid != first


def test_a_running_job_of_a_killed_parent_is_lost(own, environ, tmp_path) -> None:
    job = Job(
        Command(environ, tmp_path, argv=["sh", "-c", "echo up; sleep 60"]),
        Limits(),
        lambda line: os.kill(own.pid, signal.SIGKILL),
        own,
    )
    outcome = job.run()
    assert (outcome.exit_code, outcome.cause) == (None, "lost")


def test_close_ends_the_parent_and_its_jobs(environ, tmp_path) -> None:
    warm = WarmParent(preload=())
    seen: list[int] = []

    def on_line(line: str) -> None:
        seen.extend([int(line), warm.pid])
        warm.close()

    command = Command(environ, tmp_path, argv=["sh", "-c", "echo $$; sleep 60"])
    assert Job(command, Limits(), on_line, warm).run().cause == "lost"
    assert not [pid for pid in seen if psutil.pid_exists(pid)]
    warm.close()


def test_close_while_it_starts() -> None:
    warm = WarmParent()
    warm.close()
    assert warm.pid is None


def test_an_owner_killed_while_it_starts_leaves_nothing(gone) -> None:
    source = (
        "import time; from localaws.jobs import WarmParent; warm = WarmParent()\n"
        "while not warm.pid: time.sleep(0.001)\n"
        "print(warm.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        keeper = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
    gone([keeper])


def test_cold_by_environment(monkeypatch, run) -> None:
    monkeypatch.setenv("LOCALAWS_WARM", "0")
    warm = WarmParent()
    try:
        outcome, lines = run(WHICH, warm=warm)
        assert not warm.warm
        assert outcome.exit_code == 0
        assert lines[0].endswith("False")
    finally:
        warm.close()


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHASHSEED": "7"},
        {"OMP_NUM_THREADS": "2"},
        {"PYTHONWARNINGS": "error"},
        {"LD_LIBRARY_PATH": "/nowhere"},
    ],
)
def test_what_is_read_at_the_start_gets_a_fresh_interpreter(
    run, parent, variables
) -> None:
    assert run(WHICH, warm=parent, **variables)[1][0].endswith("False")


def test_the_users_module_comes_before_a_preloaded_one(run, parent, script) -> None:
    script("NAME = 'mine'", "joblib.py")
    assert run("import joblib; print(joblib.NAME)", warm=parent)[1] == ["mine"]


def test_the_machines_keys_are_not_in_the_environment_of_jobs(monkeypatch, run) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    warm = WarmParent(preload=("json",))
    try:
        source = "print('planted' in open('/proc/self/environ').read())"
        assert run(source, warm=warm)[1] == ["False"]
    finally:
        warm.close()


def test_the_hash_seed_is_the_same_warm_and_cold(run, parent) -> None:
    source = "print(hash('flights'))"
    assert run(source, warm=parent)[1] == run(source, warm=None)[1]
