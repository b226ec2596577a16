"""Output, limits, stopping."""

import signal
import threading
from pathlib import Path

import psutil
import pytest

from localaws.jobs import Command, Job, JobError, Limits, WarmParent
from localaws.jobs.lines import CAP

MIB = 2**20


@pytest.fixture(params=["warm", "cold"])
def where(request: pytest.FixtureRequest, parent: WarmParent) -> WarmParent | None:
    return parent if request.param == "warm" else None


def test_lines_of_stdout_and_stderr_arrive_in_order(run, where) -> None:
    source = """
        import os, sys
        print("one")
        print("two", file=sys.stderr)
        os.system("echo three")
        print("läßt", end="")
    """
    outcome, lines = run(source, warm=where)
    assert lines == ["one", "two", "three", "läßt"]
    assert outcome.tail == lines
    assert (outcome.exit_code, outcome.cause) == (0, "exited")


def test_lines_are_published_before_anyone_sees_them(environ, tmp_path, parent) -> None:
    lines: list[str] = []
    command = Command(environ, tmp_path, argv=["echo", "secret thing"])
    job = Job(
        command,
        Limits(),
        lines.append,
        parent,
        publish=lambda line: line.replace("secret", "open"),
    )
    assert job.run().tail == lines == ["open thing"]


def test_a_huge_line_is_split_between_characters(run, parent) -> None:
    outcome, lines = run(f"print('é' * {CAP})", warm=parent)
    assert outcome.exit_code == 0
    assert "".join(lines) == "é" * CAP
    assert all(len(line.encode()) <= CAP for line in lines)
    assert len(lines) == 2


def test_the_tail_is_the_end_of_the_log(run, parent) -> None:
    outcome, lines = run("for n in range(1000): print(n)", warm=parent)
    assert len(lines) == 1000
    assert outcome.tail == lines[-50:]


def test_arguments_and_environment_reach_the_script(run, where) -> None:
    source = "import os, sys; print(sys.argv, os.environ['COLOUR'], len(os.environ))"
    _, lines = run(source, "--depth", "3", warm=where, COLOUR="red")
    assert lines[0].startswith("['train.py', '--depth', '3'] red")
    assert "HOME" not in lines[0]


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["sh", "-c", "exit 3"], 3, []),
        (["sh", "-c", "kill -9 $$"], -9, []),
        (["no-such-program"], 127, ["no-such-program: No such file or directory"]),
        (["/dev/null"], 126, ["/dev/null: Permission denied"]),
    ],
)
def test_programs_are_executed(environ, tmp_path, parent, argv, code, said) -> None:
    command = Command(environ, tmp_path, argv=argv)
    outcome = Job(command, Limits(), lambda line: None, parent).run()
    assert (outcome.exit_code, outcome.cause) == (code, "exited")
    assert outcome.tail == said


def test_a_module_is_run(environ, tmp_path, where) -> None:
    (tmp_path / "tool.py").write_text("import sys; print(sys.argv[1:], __name__)")
    command = Command(environ, tmp_path, module="tool", argv=["a"])
    outcome = Job(command, Limits(), lambda line: None, where).run()
    assert outcome.tail == ["['a'] __main__"]


def test_a_missing_working_folder_is_told(environ, tmp_path, parent) -> None:
    command = Command(environ, tmp_path / "nowhere", argv=["true"])
    outcome = Job(command, Limits(), lambda line: None, parent, tmp_path).run()
    assert outcome.exit_code == 1
    assert "nowhere: No such file or directory" in outcome.tail[0]


def test_time_limit(run, where) -> None:
    outcome, _ = run(
        "import time; time.sleep(60)", warm=where, limits=Limits(seconds=0.5)
    )
    assert (outcome.exit_code, outcome.cause) == (-signal.SIGTERM, "timeout")


def test_a_job_may_have_the_28_days_that_sagemaker_allows(run, where) -> None:
    limits = Limits(seconds=28 * 86_400)
    outcome, lines = run("print('done')", warm=where, limits=limits)
    assert (outcome.exit_code, outcome.cause, lines) == (0, "exited", ["done"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_job_may_put_its_things_in_order(environ, script, parent, number):
    path = script(f"""
        import signal, sys, time
        def leave(number, frame):
            print("saved"); sys.exit(0)
        signal.signal({int(number)}, leave)
        print("up"); time.sleep(60)
    """)
    job = Job(
        Command(environ, path.parent, path, stop_signal=number),
        Limits(grace=20),
        lambda line: job.stop(),
        parent,
    )
    outcome = job.run()
    assert (outcome.exit_code, outcome.cause) == (0, "stopped")
    assert outcome.tail == ["up", "saved"]


def test_stop_before_run_starts_nothing(environ, tmp_path, parent) -> None:
    job = Job(
        Command(environ, tmp_path, argv=["touch", "made"]),
        Limits(),
        lambda line: None,
        parent,
    )
    job.stop()
    assert job.run().cause == "stopped"
    assert not (tmp_path / "made").exists()


def test_stop_after_the_end_is_harmless(environ, tmp_path, parent) -> None:
    job = Job(Command(environ, tmp_path, argv=["true"]), Limits(), print, parent)
    assert job.run().exit_code == 0
    job.stop()


def test_a_flood_of_output_ends_the_job(run, where) -> None:
    limits = Limits(seconds=60, log_bytes=MIB)
    outcome, lines = run("while True: print('x' * 1000)", warm=where, limits=limits)
    assert outcome.cause == "log"
    assert sum(map(len, lines)) < 2 * MIB


@pytest.mark.parametrize(
    "source",
    [
        "open('big', 'wb').write(bytes(64 << 20))",
        """
        import os, time
        for n in range(64):
            with open(str(n), "wb") as file:
                file.write(bytes(1 << 20)); file.flush(); os.fsync(file.fileno())
        time.sleep(60)
        """,
    ],
    ids=["one file", "many files"],
)
def test_a_full_disk_ends_the_job(run, where, source) -> None:
    limits = Limits(seconds=60, disk_bytes=16 * MIB)
    outcome, _ = run(source, warm=where, limits=limits)
    assert outcome.cause == "disk"


def test_memory_limit(run, where) -> None:
    limits = Limits(seconds=60, memory_bytes=300 * MIB)
    source = "import time; x = bytearray(400 << 20); time.sleep(60)"
    outcome, _ = run(source, warm=where, limits=limits)
    assert (outcome.exit_code, outcome.cause) == (-9, "memory")


def test_preloaded_libraries_do_not_count_as_memory(run, parent) -> None:
    limits = Limits(seconds=60, memory_bytes=120 * MIB)
    source = "import pandas, sklearn, time; time.sleep(0.6)"
    outcome, _ = run(source, warm=parent, limits=limits)
    assert outcome.cause == "exited"


def test_jobs_run_side_by_side(environ, tmp_path, parent) -> None:
    """Two jobs that wait for each other can only end if both run."""
    source = "touch $1; while [ ! -e $2 ]; do sleep 0.01; done"
    outcomes = []

    def go(mine: str, other: str) -> None:
        command = Command(
            environ, tmp_path, argv=["sh", "-c", source, "sh", mine, other]
        )
        outcomes.append(Job(command, Limits(seconds=20), print, parent).run().cause)

    threads = [
        threading.Thread(target=go, args=pair) for pair in (("a", "b"), ("b", "a"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["exited", "exited"]


def test_a_listener_that_raises_ends_the_job(environ, tmp_path, parent) -> None:
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        raise RuntimeError("no more")

    command = Command(environ, tmp_path, argv=["sh", "-c", "echo $$; sleep 60"])
    with pytest.raises(RuntimeError, match="no more"):
        Job(command, Limits(), on_line, parent).run()
    assert not psutil.pid_exists(pids[0])


def test_a_closed_parent_takes_no_job(environ, tmp_path: Path) -> None:
    warm = WarmParent(preload=())
    warm.close()
    with pytest.raises(JobError, match="closed"):
        Job(Command(environ, tmp_path, argv=["true"]), Limits(), print, warm).run()
