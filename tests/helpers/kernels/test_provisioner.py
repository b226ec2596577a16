import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.helpers.kernels.conftest import forked, gone, wait_until


def test_a_kernel_is_forked_from_the_parent(start):
    assert forked(start())


def test_environment_and_folder_are_those_of_the_request(start, tmp_path, monkeypatch):
    start()
    monkeypatch.setenv("ROOM", "1")
    kernel = start(
        cwd=str(tmp_path), env={"PATH": os.environ["PATH"], "LESSON": "1.1a"}
    )
    seen = kernel.run("import os; print(os.environ['LESSON'], os.getcwd())")
    assert seen.split() == ["1.1a", str(tmp_path)]
    assert kernel.run("print('ROOM' in os.environ)") == "False\n"
    temporary = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    ask = "import tempfile; print(tempfile.gettempdir())"
    assert start(env=temporary).run(ask) == f"{tmp_path}\n"
    assert kernel.run("print('OPENBLAS_NUM_THREADS' in os.environ)") == "False\n"


def test_standard_error_goes_where_the_tool_asked(start, tmp_path):
    with (tmp_path / "errors").open("w") as errors:
        kernel = start(stderr=errors)
        kernel.run(
            "import sys; print('into the file', file=sys.__stderr__, flush=True)"
        )
    assert "into the file" in (tmp_path / "errors").read_text()


def test_an_interrupt_reaches_the_running_cell(start):
    kernel = start()
    asked = kernel.client.execute("import time; print('begun'); time.sleep(600)")
    while kernel.client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    kernel.manager.interrupt_kernel()
    reply = kernel.client.get_shell_msg(timeout=60)
    # on a busy machine answers to earlier questions are still to come
    while reply["parent_header"]["msg_id"] != asked:
        reply = kernel.client.get_shell_msg(timeout=60)
    assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_a_restarted_kernel_is_a_new_fork(start):
    kernel = start()
    before = kernel.process.pid
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert forked(kernel)
    assert gone(before) and kernel.process.pid != before


def test_joblib_workers_end_with_their_kernel(start):
    kernel = start()
    kernel.run(
        "from joblib import Parallel, delayed\n"
        "import os\n"
        "Parallel(n_jobs=2)(delayed(os.getpid)() for _ in range(4))"
    )
    family = [child.pid for child in kernel.process.children(recursive=True)]
    assert len(family) >= 2
    kernel.manager.shutdown_kernel(now=True)
    assert wait_until(lambda: all(map(gone, family)))


def test_a_crash_is_seen(start):
    kernel = start()
    os.kill(kernel.process.pid, signal.SIGKILL)
    assert wait_until(lambda: not kernel.manager.is_alive())


def test_a_killed_parent_leaves_nothing(start):
    kernel = start()
    kernel.run("import subprocess; subprocess.Popen(['sleep', '600'])")
    family = [kernel.process, *kernel.process.children(recursive=True)]
    os.kill(kernel.process.ppid(), signal.SIGKILL)
    assert wait_until(lambda: not kernel.manager.is_alive())
    assert wait_until(lambda: all(gone(process.pid) for process in family))
    assert forked(start()), "the next kernel has a new parent"


TOOL = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
client.execute_interactive("import subprocess; p = subprocess.Popen(['sleep', '600'])")
print(manager.provisioner.pid, flush=True)
sys.stdin.read()
"""


def test_a_killed_tool_leaves_nothing(tmp_path_factory):
    # A folder of its own, so that no other tool keeps the parent alive.
    env = os.environ | {
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "mla-forked",
        "TMPDIR": str(tmp_path_factory.mktemp("t")),
    }
    tool = subprocess.Popen(
        [sys.executable, "-c", TOOL],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with tool:
        kernel = psutil.Process(int(tool.stdout.readline()))
        family = [kernel, kernel.parent(), *kernel.children(recursive=True)]
        assert len(family) == 3
        assert "helpers.kernels.parent" in kernel.parent().cmdline()
        tool.kill()
    assert wait_until(lambda: all(gone(process.pid) for process in family))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"stdin": subprocess.PIPE}, "a pipe as stdin"),
        ({"independent": True}, "an independent kernel"),
        ({"umask": 0o77}, "umask"),
    ],
)
def test_what_a_fork_cannot_give_a_stock_kernel_does(start, caplog, options, reason):
    kernel = start(**options)
    assert not forked(kernel)
    assert reason in caplog.text


def test_a_parent_that_cannot_start_is_replaced_by_stock_kernels(
    start, caplog, tmp_path
):
    (tmp_path / "seaborn.py").write_text("raise RuntimeError('broken at import')")
    env = dict(os.environ) | {"PYTHONPATH": str(tmp_path)}
    assert not forked(start(env=env))
    assert not forked(start(env=env))
    assert caplog.text.count("Stock kernels instead of forked ones") == 1
    assert "the parent did not start" in caplog.text


def test_another_platform_gets_stock_kernels(start, caplog, monkeypatch):
    monkeypatch.setattr("helpers.kernels.provisioner.sys.platform", "darwin")
    assert not forked(start())
    assert "darwin" in caplog.text
