"""The process of one run: its two logs, its script, and the reason of its failure."""

import contextlib
import json
import os
import runpy
import subprocess
import sys
import threading
import traceback
import types
from pathlib import Path

ERROR = "error.json"
# begins a line of standard error, which shares a pipe with standard output
MARK = "\x1e"
_PATIENCE = 5.0


def _forward(reader: int, out: int) -> None:
    with os.fdopen(reader, "rb") as lines:
        for line in lines:
            os.write(out, MARK.encode() + line.rstrip(b"\n") + b"\n")


def _divide() -> threading.Thread:
    """Let standard error reach the endpoint with a mark before each line."""
    reader, writer = os.pipe()
    out = os.dup(1)
    os.dup2(writer, 2)
    os.close(writer)
    thread = threading.Thread(target=_forward, args=(reader, out), daemon=True)
    thread.start()
    for stream in (sys.stdout, sys.stderr):
        assert hasattr(stream, "reconfigure")
        stream.reconfigure(line_buffering=True)
    return thread


def _line(trace: types.TracebackType | None, script: str) -> int | None:
    frames = traceback.extract_tb(trace)
    return next(
        (one.lineno for one in reversed(frames) if one.filename == script), None
    )


def run(script: str, folder: Path) -> int:
    """Run a script as `__main__`; return the exit code."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ending:
        if ending.code in (None, 0):
            return 0
        _tell(folder, "SystemExit", str(ending.code), None)
        print(f"SystemExit: {ending.code}", file=sys.stderr)
        return ending.code if isinstance(ending.code, int) else 1
    except BaseException as error:
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != script:
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace or error.__traceback__)
        _tell(folder, type(error).__name__, str(error), _line(trace, script))
        return 1
    return 0


def _tell(folder: Path, kind: str, message: str, line: int | None) -> None:
    said = {"type": kind, "message": message, "line": line}
    (folder / ERROR).write_text(json.dumps(said))


def _stop_spark() -> None:
    if "pyspark" in sys.modules:
        from pyspark import SparkContext

        context = SparkContext._active_spark_context
        if context is not None:
            context.stop()
        gateway = SparkContext._gateway
        if gateway is not None:
            # Java ends with its standard input; till then it holds standard error
            gateway.proc.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                gateway.proc.wait(_PATIENCE)


def main() -> None:
    """Run the script that the command line names, with the arguments after it."""
    thread = _divide()
    folder = Path(os.environ["GLUE_RUN"])
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).parent)
    if sys.version_info >= (3, 12):
        # PySpark 3.5 still asks for distutils, which setuptools carries
        import setuptools  # noqa: F401
    code = run(script, folder)
    _stop_spark()
    sys.stdout.flush()
    sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    thread.join(_PATIENCE)
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
