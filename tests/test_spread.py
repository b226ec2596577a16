"""Dear files begin first, and what is left to the night says what tests it by day."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.spread import Queue, measured

ROOT = Path(__file__).parents[1]
CASE = """import pytest

@pytest.mark.nightly(reason="the other one")
def test_dear(): pass

def test_cheap(): pass
"""


def test_each_dear_file_is_there() -> None:
    for scope in measured():
        assert (ROOT / scope.partition("[")[0]).exists(), scope


def test_the_dearest_file_comes_first() -> None:
    dear, *_ = measured()
    queue = Queue()
    for scope, tests in (("tests/two.py", 2), (dear, 1), ("tests/three.py", 3)):
        queue[scope] = {f"{scope}::{number}": False for number in range(tests)}
    taken = [queue.popitem(last=False)[0] for _ in range(3)]
    assert taken == [dear, "tests/three.py", "tests/two.py"]


@pytest.mark.parametrize(
    ("nightly", "said"), [("0", "1 passed, 1 skipped"), ("1", "2 passed")]
)
def test_the_night_runs_what_the_day_skips(
    nightly: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLA_NIGHTLY", nightly)
    (tmp_path / "test_case.py").write_text(CASE)
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"]
    command += ["-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said in done.stdout, done.stdout + done.stderr
    assert ("at night: the other one" in done.stdout) == (nightly == "0")
