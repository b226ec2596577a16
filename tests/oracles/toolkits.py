"""AWS's own container toolkits: fetched once, for processes of their own."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_OUTSIDE = dict(os.environ)  # the endpoint's client closes the way to the index
# First come, first imported: sagemaker-pytorch-inference carries an old copy of
# sagemaker_inference.
ORDER = (
    "sagemaker_training",
    "sagemaker_inference",
    "sagemaker_containers",
    "sagemaker_pytorch_training",
    "sagemaker_pytorch_inference",
    "inotify_simple",
    "retrying",
)


def folder() -> Path:
    """The unpacked toolkits; fetched from the package index the first time."""
    stamp = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    made = Path(sys.prefix, "oracles", stamp)
    made.parent.mkdir(exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=made.parent) as name:
                half = Path(name, "toolkits")
                _fetch(Path(name, "sources"))
                _unpack(Path(name, "sources"), half)
                half.rename(made)
    return made


def path() -> str:
    """PYTHONPATH of a process that imports the toolkits."""
    return os.pathsep.join(str(folder() / name) for name in ORDER)


def _fetch(sources: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "-q", "--require-hashes"),
            *("--no-deps", "--no-build-isolation", "--no-binary", ":all:"),
            *("-d", str(sources), "-r", str(REQUIREMENTS)),
        ],
        capture_output=True,
        env=_OUTSIDE,
        text=True,
    )
    assert done.returncode == 0, f"the toolkits cannot be had:\n{done.stderr}"


def _unpack(sources: Path, target: Path) -> None:
    target.mkdir()
    for name in ORDER:
        (archive,) = sources.glob(f"{name}-*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(target / "raw", filter="data")
        tree = target / "raw" / archive.name.removesuffix(".tar.gz")
        code = tree / "src" if (tree / "src").is_dir() else tree
        code.rename(target / name)
    shutil.rmtree(target / "raw")
    # Stands for the C extension, which only MPI's workers call.
    (target / "sagemaker_training/gethostname.py").touch()
    # As the Dockerfile of the scikit-learn image does.
    mapping = target / "sagemaker_containers/sagemaker_containers/_mapping.py"
    text = mapping.read_text()
    mapping.write_text(text.replace("collections.Mapping", "collections.abc.Mapping"))
