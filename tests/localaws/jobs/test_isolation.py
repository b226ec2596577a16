"""A job that is cut off the network, and folders that cover others."""

import subprocess
import sys
from pathlib import Path

import pytest

from localaws.jobs import Command, Job, Limits, WarmParent, can_cut_network

pytestmark = pytest.mark.skipif(
    not can_cut_network(), reason="this machine lets no user make network namespaces"
)
CONNECTS = """
import os, pathlib, socket, sys
print([line.split(":")[0].strip() for line in open("/proc/net/dev")][2:])
print(os.getuid())
pathlib.Path("written").write_text("1")
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
"""


@pytest.mark.parametrize("warm", [True, False])
def test_a_job_reaches_itself_and_nothing_else(tmp_path: Path, warm: bool) -> None:
    import os
    import socket

    script = tmp_path / "connects.py"
    script.write_text(CONNECTS)
    lines: list[str] = []
    parent = WarmParent(preload=("json",) if warm else ())
    try:
        assert parent.ready(30)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            env = {} if warm else {"OMP_NUM_THREADS": "2"}
            command = Command(env, tmp_path, script=script, argv=[port], isolated=True)
            outcome = Job(command, Limits(seconds=30), lines.append, parent).run()
    finally:
        parent.close()
    assert outcome.exit_code == 1
    assert "ConnectionRefusedError" in lines[-1]
    assert lines[1] == str(os.getuid())
    assert (tmp_path / "written").read_text() == "1"


def test_a_stubborn_isolated_job_leaves_nothing(tmp_path: Path) -> None:
    script = tmp_path / "hides.py"
    script.write_text(
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n    os.setsid()\n    print(os.getpid(), flush=True)\n"
        "time.sleep(60)\n"
    )
    lines: list[str] = []
    job: Job

    def on_line(line: str) -> None:
        lines.append(line)
        job.stop()

    command = Command({}, tmp_path, script=script, isolated=True)
    job = Job(command, Limits(seconds=30, grace=0.2), on_line)
    assert job.run().cause == "stopped"
    assert not Path(f"/proc/{lines[0]}").exists()


COVERING = """
import sys
from pathlib import Path
from localaws.jobs import isolation

place = Path(sys.argv[1])
isolation.unshare(isolation.NEW_USER | isolation.NEW_MOUNTS)
isolation.keep_mounts_private()
isolation.mount(str(place / "checkout"), str(place / "tmp/my work"), isolation.BIND)
isolation.cover(place / "own", str(place / "tmp"))
tmp = place / "tmp"
print(*sorted(str(path.relative_to(tmp)) for path in tmp.rglob("*")))
"""


def test_what_is_mounted_below_a_covered_place_stays_to_be_seen(tmp_path: Path) -> None:
    for name in ("checkout", "own", "tmp/my work"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("checkout/shown", "own/mine", "tmp/hidden"):
        (tmp_path / name).touch()
    done = subprocess.run(
        [sys.executable, "-c", COVERING, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "mine my work my work/shown"
