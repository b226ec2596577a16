"""What two kernels must have in common to be forked from one parent.

A library reads part of its settings when it is imported, and the parent imports for
all its kernels: whatever can change an import is therefore part of the parent's
identity, and another identity means another parent.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORT_TIME = (
    *("HOME", "LANG", "LC_", "TZ", "XDG_", "LD_"),
    *("PYTHON", "VIRTUAL_ENV", "IPYTHON", "JOBLIB_", "LOKY_"),
    *("MPL", "MATPLOTLIBRC", "NPY_", "NUMPY_", "PANDAS_", "SCIPY_", "SKLEARN_"),
    *("OMP_", "OPENBLAS_", "MKL_", "BLIS_", "KMP_", "NUMEXPR_", "SAGEMAKER_"),
)
REGION = "us-east-1"


def environment(requested: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a parent whose kernels get the one requested.

    It holds no AWS setting but the region, which the SageMaker SDK wants at import,
    and keeps OpenBLAS and the jemalloc inside pyarrow from starting threads.
    """
    region = requested.get("AWS_DEFAULT_REGION") or requested.get("AWS_REGION")
    kept = {key: text for key, text in requested.items() if key.startswith(IMPORT_TIME)}
    kept["PATH"] = requested.get("PATH", os.defpath)
    return kept | {
        "AWS_DEFAULT_REGION": region or REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "OPENBLAS_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }


def identity(interpreter: Sequence[str], variables: Mapping[str, str]) -> str:
    """Return the name of the parent that serves an interpreter and environment.

    Args:
        interpreter: The Python executable and its options, as in a kernel's command.
        variables: The environment of the parent, from `environment`.
    """
    parts = [list(interpreter), sorted(variables.items()), distributions(), confines()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def distributions() -> list[tuple[str, int]]:
    """List the installed distributions, each with the time (ns) of its installation."""
    return sorted(
        (entry.name, entry.stat().st_mtime_ns)
        for folder in map(Path, sys.path)
        if folder.name in ("site-packages", "dist-packages") and folder.is_dir()
        for entry in folder.iterdir()
        if entry.suffix in (".dist-info", ".egg-info")
    )


def confines() -> list[str]:
    """List what a process inherits and cannot be given later: namespaces and limits."""
    spaces = sorted(Path("/proc/self/ns").iterdir())
    limits = Path("/proc/self/limits").read_text(encoding="ascii")
    mask = [
        line
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        if line.startswith(("Umask", "Seccomp:", "NoNewPrivs", "Cap"))
    ]
    return [*(str(space.readlink()) for space in spaces), limits, *mask]
