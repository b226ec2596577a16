"""nbval, which knows nothing of the course, finds every output again.

Each notebook at night; in a suite that has executed them all already, one.
"""

import os
import subprocess
import sys

import pytest

from helpers.authoring.endpoint import isolated
from helpers.authoring.manifest import ROOT
from tests.course.test_notebooks import SOURCES

CHOSEN = SOURCES if os.environ.get("MLA_NIGHTLY") == "1" else SOURCES[:1]


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_nbval_finds_every_output_again(path):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-W",
        "default",
    ]
    command += ["--nbval", "--nbval-current-env", str(path)]
    with isolated() as environment:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stdout[-3000:]
