"""The Java machine of an application, and the door to it."""

import os
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

from localaws.flink_runtime import place

_DOOR = "gateway"


class Gateway:
    """Starts the Java machine at once; it is reached once PyFlink is imported.

    Args:
        folder: Holds its configuration.
        options: More options of the Java machine.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._door = folder / _DOOR
        told = {"_PYFLINK_CONN_INFO_PATH": str(self._door)}
        self.process = subprocess.Popen(
            place.command(folder, *options),
            env={**os.environ, **told},
            stdin=subprocess.PIPE,
        )

    def open(self) -> Any:
        """Return the Java machine's names.

        Raises:
            ChildProcessError: It has ended.
        """
        while not self._door.is_file():
            if self.process.poll() is not None:
                raise ChildProcessError("the Java machine has ended")
            time.sleep(0.01)
        (port,) = struct.unpack("!I", self._door.read_bytes()[:4])
        os.environ["PYFLINK_GATEWAY_PORT"] = str(port)
        from pyflink.java_gateway import get_gateway

        return get_gateway().jvm

    def close(self) -> int:
        """Let the Java machine end, and return its exit code."""
        self.process.terminate()
        return self.process.wait()
