"""Where there is no subreaper, a job has a process group. Tested on any system."""

import psutil
import pytest

from localaws.jobs import Command, Job, Limits, ModelServer, WarmParent, parent, warm


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> WarmParent:
    for module in (parent, warm):
        monkeypatch.setattr(module, "LINUX", False)
    plain = WarmParent()
    assert plain.ready(0)
    assert not plain.warm
    return plain


def test_output_and_exit_code(run, elsewhere) -> None:
    outcome, lines = run("import sys; print('hi'); sys.exit(3)", warm=elsewhere)
    assert (outcome.exit_code, outcome.cause, lines) == (3, "exited", ["hi"])


def test_what_cannot_be_executed(environ, tmp_path, elsewhere) -> None:
    command = Command(environ, tmp_path, argv=["no-such-program"])
    outcome = Job(command, Limits(), lambda line: None, elsewhere).run()
    assert outcome.exit_code == 127
    assert outcome.tail == ["no-such-program: No such file or directory"]


@pytest.mark.parametrize("how", ["stopped", "timeout", "log", "exited"])
def test_the_group_is_ended(environ, tmp_path, elsewhere, gone, how) -> None:
    source = "trap '' TERM; sleep 60 & echo $$ $!; "
    source += {"exited": "exit 0", "log": "while :; do echo xxxxxxxxx; done"}.get(
        how, "while :; do sleep 1; done"
    )
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        if how == "stopped":
            job.stop()

    job = Job(
        Command(environ, tmp_path, argv=["sh", "-c", source]),
        Limits(seconds=1 if how == "timeout" else 60, log_bytes=100_000, grace=0.2),
        on_line,
        elsewhere,
    )
    assert job.run().cause == how
    processes = [
        psutil.Process(int(p)) for p in lines[0].split() if psutil.pid_exists(int(p))
    ]
    gone(processes)


def test_a_model_server(tmp_path, environ, elsewhere) -> None:
    (tmp_path / "inference.py").write_text(
        "def model_fn(d): return 1\ndef transform_fn(m, b, c, a): return b"
    )
    server = ModelServer(tmp_path, env=environ, parent=elsewhere)
    server.start(30)
    try:
        assert server.invoke(b"hi", "application/x").body == b"hi"
    finally:
        server.close()
    assert server.pid is None
