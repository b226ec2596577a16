"""A keeper behind walls, which its owner has forked and cannot replace."""

import ast
import json
import subprocess
import sys
from typing import Any

import pytest

from localaws.jobs.adopted import KILLED
from tests.localaws.jobs import sealed_owner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has the walls")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("sealed")
    command = [sys.executable, sealed_owner.__file__, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_job_sees_its_work_and_nothing_of_the_owner(told) -> None:
    assert told["warm"]
    (line,) = told["looks"]["lines"]
    found = ast.literal_eval(line)
    assert found.pop("pids")[0] == 1
    assert found == {
        "private": ["work"],
        "shown": "hello",
        "home": "Read-only file system",
        "work": 4,
        "/tmp": 4,
        "privileges": 0,
    }


def test_a_job_reads_the_file_that_is_its_input(told) -> None:
    assert told["given"]["lines"] == ["hello"]


def test_the_owner_watches_the_memory_of_processes_that_it_numbers_otherwise(
    told,
) -> None:
    assert told["large"]["cause"] == "memory"


def test_the_memory_of_one_process_has_a_bound(told) -> None:
    assert "MemoryError" in told["allocates"]["lines"][-1]


def test_a_keeper_that_a_job_ends_is_not_replaced(told) -> None:
    assert told["killed"]["cause"] == "lost"
    assert told["then"] == [KILLED, KILLED]
