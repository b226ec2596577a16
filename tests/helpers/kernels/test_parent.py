import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.kernels.client import parents_folder
from tests.helpers.kernels.conftest import wait_until


def test_two_kernels_share_one_parent(start):
    assert start().process.ppid() == start().process.ppid()


def test_imports_say_nothing_and_leave_no_thread(start):
    kernel = start()
    parent = kernel.process.parent()
    assert parent.num_threads() == 1
    logs = list(parents_folder().glob("*.log"))
    assert logs
    open_files = {file.path for file in parent.open_files()}
    ours = [log for log in logs if str(log) in open_files]
    assert [log.read_text() for log in ours] == [""]


TOOL = """
import os
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
client.execute_interactive("import os; print(os.getppid())")
manager.shutdown_kernel(now=True)
"""


def tool(folder: Path) -> str:
    env = os.environ | {
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "mla-forked",
        "TMPDIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", TOOL],
        env=env,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return done.stdout


def test_tools_share_a_parent_which_goes_after_the_last(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t")
    with ThreadPoolExecutor(3) as pool:
        together = set(pool.map(tool, [folder] * 3))
    assert together == {tool(folder)}
    [home] = folder.glob("mla-kernels-*")
    assert wait_until(lambda: not list(home.iterdir()))
