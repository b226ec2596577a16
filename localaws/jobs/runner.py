"""Running the user's Python in a forked interpreter as `python script.py` would.

Where it cannot be the same it is not done here: `needs_fresh_interpreter` names the
commands that have to be started cold.
"""

import atexit
import gc
import io
import os
import runpy
import signal
import sys
import threading
import time
import types
from collections.abc import Collection, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path

# Read when an interpreter or a maths library starts: too late after a fork.
_AT_START = ("PYTHON", "LD_", "MALLOC_", "OMP_", "OPENBLAS_", "MKL_", "KMP_", "GOTO_")
_HONOURED = {"PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def needs_fresh_interpreter(
    environ: Mapping[str, str],
    search: list[Path],
    started_with: Mapping[str, str],
    loaded: Collection[str],
) -> bool:
    """Whether a command would behave differently in a fork.

    Args:
        environ: the environment of the command.
        search: folders of the user's own modules.
        started_with: the environment that the warm parent started with.
        loaded: top-level modules that the warm parent has imported.

    Returns:
        True if a variable that is read at start differs, or if the user's code has a
        module of the same name as one that is loaded.
    """
    late = [
        name
        for name, value in environ.items()
        if name.startswith(_AT_START) and started_with.get(name) != value
    ]
    if not _HONOURED.issuperset(late):
        return True
    return any(
        entry.stem in loaded and (entry.suffix == ".py" or entry.is_dir())
        for folder in search
        if folder.is_dir()
        for entry in folder.iterdir()
    )


def run_python(kind: str, argv: list[str], environ: Mapping[str, str]) -> int:
    """Run a script or a module as `__main__`, to the end of the interpreter's work.

    Args:
        kind: "script" or "module"; its name is the first of `argv`.
        argv: name and arguments.
        environ: the environment.

    Returns:
        The exit code. What the program printed is flushed.
    """
    before = set(sys.modules)
    _settle(environ)
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = main
    sys.argv = list(argv)
    code = 0
    try:
        if kind == "script":
            _run_script(argv[0], main)
        else:
            sys.path.insert(0, str(Path.cwd()))
            runpy._run_module_as_main(argv[0])
    except SystemExit as ending:
        code = _exit_code(ending)
    except KeyboardInterrupt as error:
        _show(error)
        code = -signal.SIGINT
    except BaseException as error:
        _show(error)
        code = 1
    _wind_up(before)
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return code


def _run_script(name: str, main: types.ModuleType) -> None:
    path = Path(name)
    try:
        source = path.read_bytes()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        path = path.absolute()
        print(f"{sys.executable}: can't open file '{path}': {reason}", file=sys.stderr)
        raise SystemExit(2) from None
    sys.path.insert(0, str(path.resolve().parent))
    file = str(path.absolute())
    main.__dict__.update(
        __file__=file,
        __cached__=None,
        __annotations__={},
        __loader__=SourceFileLoader("__main__", file),
    )
    code = compile(source, file, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _show(error: BaseException) -> None:
    trace = error.__traceback__
    # the frames of this file are ours; those of runpy belong to `python -m`
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _exit_code(ending: SystemExit) -> int:
    if ending.code is None:
        return 0
    if isinstance(ending.code, int):
        return ending.code & 0xFF
    sys.stdout.flush()
    print(ending.code, file=sys.stderr)
    return 1


def _settle(environ: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    folders = environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[0:0] = [str(Path(one).absolute()) for one in folders if one]
    sys.dont_write_bytecode = bool(environ.get("PYTHONDONTWRITEBYTECODE"))
    if environ.get("PYTHONUNBUFFERED"):
        for name in ("stdout", "stderr"):
            old = getattr(sys, name)
            new = io.TextIOWrapper(
                io.FileIO(old.fileno(), "w", closefd=False),
                encoding=old.encoding,
                errors=old.errors,
                write_through=True,
            )
            new.mode = "w"
            setattr(sys, name, new)
            setattr(sys, f"__{name}__", new)
    # a fork inherits the random state and the temporary folder of the parent
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None


def _wind_up(before: set[str]) -> None:
    threading._shutdown()
    atexit._run_exitfuncs()
    ours = [sys.modules.pop(name) for name in set(sys.modules) - before]
    ours.append(sys.modules.pop("__main__"))
    namespaces = [vars(one) for one in ours if one is not None]
    del ours
    # files that the program left open are flushed when their last name is gone
    for namespace in namespaces:
        for name in [one for one in namespace if one != "__builtins__"]:
            namespace[name] = None
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
