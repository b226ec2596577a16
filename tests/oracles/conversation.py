"""One serving script, asked here and in a process of AWS's toolkits."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.oracles import toolkits

SERVER = Path(__file__).with_name("server.py")
Answer = tuple[int, bytes, str]


class Oracle:
    """A process that answers as a server of AWS does.

    Attributes:
        error: class and text of what kept the model from loading; None if it loaded.
    """

    def __init__(self, kind: str, base: Path, program: str, **more: str) -> None:
        """Load the model.

        Args:
            kind: a server of `server.py`.
            base: plays `/opt/ml`, with the script in `model/code`.
            program: the script's file name.
            more: further variables.
        """
        code = str(base / "model" / "code")
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((code, toolkits.path())),
            "SAGEMAKER_BASE_DIR": str(base),
            "SAGEMAKER_PROGRAM": program,
            # what sagemaker-containers has generated is too old for the fast one
            "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
            "AWS_DEFAULT_REGION": "us-east-1",
            **more,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(SERVER), kind],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.error = self._read()

    def __call__(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Ask it."""
        line = [base64.b64encode(body).decode(), content_type, accept]
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        status, content, kind = self._read()
        return status, base64.b64decode(content), kind

    def _read(self):
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return json.loads(line)

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=120)
