"""The outer wall: what bubblewrap is told to show, and to hide."""

import site
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_COURSE = ("helpers", "localaws", "data")
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)
# made here, so that nothing is told of the machine and of its accounts
_MADE = {
    "/etc/passwd": "learner:x:1000:1000:Learner:/desk:/bin/sh\n",
    "/etc/group": "learner:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_EMPTY = ("/desk", "/lab", "/stage", "/run", "/mnt")
_TEMPORARY = 64 << 20
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "ARROW", "RAYON", "POLARS")


def environment() -> dict[str, str]:
    """Give the whole environment of what runs inside."""
    programs = [str(Path(sys.prefix, "bin")), "/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "PATH": ":".join(programs),
        "HOME": "/desk",
        "TMPDIR": "/tmp",
        "USER": "learner",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # pandas imports pyarrow, whose allocator keeps a thread
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "MPLCONFIGDIR": "/desk/.config/matplotlib",
        "IPYTHONDIR": "/desk/.ipython",
        **{f"{library}_NUM_THREADS": "1" for library in _THREADS},
    }


def folders() -> list[Path]:
    """Give the folders that are shown, read-only, where they are outside."""
    found = [Path("/usr"), Path(sys.base_prefix), Path(sys.prefix)]
    found += map(Path, site.getsitepackages())
    found += [ROOT / name for name in _COURSE]
    shown: list[Path] = []
    for one in found:
        # a folder within one that is shown already need not be bound
        if one.exists() and not {one, *one.parents} & set(shown):
            shown.append(one)
    return shown


def system() -> list[str]:
    """Give the words that show the folders of the system's programs, read-only."""
    words = []
    for place in map(Path, _SYSTEM):
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
        elif place.exists():
            words += ["--ro-bind", str(place), str(place)]
    return words


def command(
    bwrap: str, program: Sequence[str], made: dict[str, str], lab: Path | None
) -> list[str]:
    """Give the command that runs a program behind the outer wall.

    Args:
        bwrap: Path of bubblewrap.
        program: What to run there.
        made: Where the files of `write_made` lie.
        lab: A folder to show at /lab, or None.
    """
    argv = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    argv += ["--unshare-uts", "--unshare-cgroup-try", "--die-with-parent"]
    argv += ["--new-session", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"]
    argv += ["--cap-drop", "ALL", "--clearenv"]
    for name, value in environment().items():
        argv += ["--setenv", name, value]
    argv += ["--size", str(_TEMPORARY), "--tmpfs", "/tmp"]
    for place in _EMPTY:
        argv += ["--dir", place]
    argv += ["--size", str(_TEMPORARY), "--tmpfs", "/desk"]
    for folder in (*folders(), *map(Path, _SETTINGS)):
        if folder.exists():
            argv += ["--ro-bind", str(folder), str(folder)]
    argv += system()
    for place, source in made.items():
        argv += ["--ro-bind", source, place]
    if lab is not None:
        argv += ["--ro-bind", str(lab), "/lab"]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    argv += ["--size", str(_TEMPORARY), "--tmpfs", "/dev/shm"]
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
    return [*argv, *program]


def write_made(folder: Path) -> dict[str, str]:
    """Write the files of /etc that are made, for all to read; give their places."""
    places = {}
    for place, text in _MADE.items():
        file = folder / Path(place).name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
        places[place] = str(file)
    return places
