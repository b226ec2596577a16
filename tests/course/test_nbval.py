"""nbval, which knows nothing of the course, finds every output again."""

import subprocess
import sys

from helpers.authoring.endpoint import isolated
from helpers.authoring.manifest import ROOT
from tests.course.test_notebooks import each_source


@each_source
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
