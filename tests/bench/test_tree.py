import sys
from pathlib import Path

from tests.bench.tree import cost

ROOT = Path(__file__).parents[2]
SPIN = "import time\nwhile time.process_time() < 0.5: pass"
# The child outlives its starter, as an endpoint does.
ORPHAN = (
    "import subprocess, sys\n"
    f"subprocess.Popen([sys.executable, '-c', {SPIN!r}], start_new_session=True)"
)


def test_what_outlives_a_command_is_counted():
    assert cost([({}, [sys.executable, "-c", ORPHAN])], ROOT).cpu >= 0.5


def test_exit_codes_are_reported():
    fails = [sys.executable, "-c", "raise SystemExit(3)"]
    assert cost([({}, fails), ({}, ["true"])], ROOT).codes == [3, 0]
