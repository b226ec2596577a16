"""What a forked process does to become the kernel that was asked for."""

import atexit
import contextlib
import ctypes
import importlib.util
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from typing import NoReturn

PR_SET_PDEATHSIG = 1


def run(request: dict, streams: list[int], parent: int) -> NoReturn:
    """Run the kernel to its end; never return to the parent's code.

    Args:
        request: The environment, working folder and arguments of the kernel.
        streams: File descriptors for its standard input, output and error.
        parent: The process that must not be outlived.
    """
    code = 1
    try:
        _become(request, streams, parent)
        code = _serve(request["argv"], parent)
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        _end(code)


def _become(request: dict, streams: list[int], parent: int) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    for target, descriptor in enumerate(streams):
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(parent))
    time.tzset()
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    # The course's own code may have changed since the parent began.
    for name in [name for name in sys.modules if name.partition(".")[0] == "helpers"]:
        del sys.modules[name]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    _restore_threads()


def _restore_threads() -> None:
    """Give OpenBLAS the threads that it would have taken in a stock kernel."""
    if "threadpoolctl" not in sys.modules:
        return
    wanted = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
    threads = int(wanted) if wanted else len(os.sched_getaffinity(0))
    sys.modules["threadpoolctl"].threadpool_limits(threads, user_api="blas")


def _serve(argv: list[str], parent: int) -> int:
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin, *argv]
    handlers = _handlers_on(sys.stderr)
    app = IPKernelApp.instance(parent_handle=parent)
    app.initialize(argv)
    for handler in handlers:
        handler.setStream(sys.stderr)
    if "matplotlib" in sys.modules:
        # Read by a stock kernel when it imports matplotlib, after IPython has set it.
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    app.start()
    return 0


def _handlers_on(stream: object) -> list[logging.StreamHandler]:
    """List the log handlers that libraries have put on a stream at import."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    return [
        handler
        for logger in loggers
        for handler in getattr(logger, "handlers", ())
        if getattr(handler, "stream", None) is stream
    ]


def _end(code: int) -> NoReturn:
    """End as an interpreter does, but for the teardown of its modules.

    That teardown costs half a second of CPU and is shown to nobody.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
