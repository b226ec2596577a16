"""The process of one application: `python -m localaws.flink_runtime.main FOLDER`.

The folder holds `settings.json` and Flink's configuration; what the endpoint has to
know is put there, what program and Flink say is printed.
"""

import json
import os
import runpy
import signal
import sys
import threading
import traceback
import urllib.request
from pathlib import Path
from typing import Any

from localaws.flink_runtime import cluster, functions, properties
from localaws.flink_runtime.gateway import Gateway
from localaws.flink_runtime.settings import FAILED, PROPERTIES, REST, SETTINGS


class _Start(threading.Thread):
    """Starts the cluster while the program is made ready."""

    def __init__(self, jvm: Any, settings: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self._jvm, self._settings = jvm, settings
        self.address = ""
        self.error: Exception | None = None

    def run(self) -> None:
        """Start it."""
        try:
            given = self._settings
            self.address = cluster.start(self._jvm, given["flink"], given["slots"])
        except Exception as error:
            self.error = error


def tell(folder: Path, name: str, text: str) -> None:
    """Leave word for the endpoint in a file, which is whole once it is there."""
    half = folder / f"{name}.half"
    half.write_text(text)
    half.rename(folder / name)


def run(folder: Path, *options: str) -> tuple[Gateway, str]:
    """Start Flink and run the program to its end.

    Args:
        folder: The run's.
        options: More options of the Java machine.

    Returns:
        What the job runs in, and the address of its REST interface.

    Raises:
        SystemExit: The program has failed.
        RuntimeError: It has begun no job.
    """
    settings = json.loads((folder / SETTINGS).read_text())
    gateway = Gateway(folder, *options)
    # while the Java machine starts
    import pyflink.table  # noqa: F401

    jvm = gateway.open()
    start = _Start(jvm, settings)
    start.start()
    start.join()
    if start.error is not None:
        raise start.error
    tell(folder, REST, start.address)
    cluster.enter(jvm, start.address, settings["flink"], settings["jars"])
    functions.refuse()
    properties.show(folder / PROPERTIES)
    program = settings["python"]
    sys.argv = [program]
    sys.path[0:0] = [str(Path(program).parent), *settings["paths"]]
    os.chdir(settings["cwd"])
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    with urllib.request.urlopen(f"{start.address}/jobs/overview") as answer:
        if not json.load(answer)["jobs"]:
            raise RuntimeError("The application contains no execute() calls.")
    return gateway, start.address


def _short(error: BaseException) -> str:
    """Return what an error says, and the errors of Java that caused it."""
    lines = "".join(traceback.format_exception_only(error)).split("\n")
    said = [line for line in lines if line.strip()]
    causes = [line for line in said[1:] if line.startswith("Caused by:")]
    return "\n".join([*said[:1], *causes])


def main() -> None:
    """Run the application of the folder that the command line names."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    sys.stdout.reconfigure(line_buffering=True)
    folder = Path(sys.argv[1])
    try:
        gateway, _ = run(folder)
    except BaseException as error:
        traceback.print_exc()
        tell(folder, FAILED, _short(error))
        os._exit(1)
    os._exit(gateway.process.wait() or 1)


if __name__ == "__main__":
    main()
