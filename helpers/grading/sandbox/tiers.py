"""What this machine can isolate: chosen by trying it, or refused."""

import os
import platform
import shutil
import sys
import textwrap
from pathlib import Path

from helpers.grading.sandbox.tier import Tier
from helpers.grading.sandbox.trials import attack
from helpers.grading.sandbox.warm import NotStarted

FULL, REDUCED = "full", "reduced"
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_SIGNS_OF_A_CONTAINER = ("/.dockerenv", "/run/.containerenv", "/opt/ml/metadata")
_LINES, _COLUMNS = 10, 84
_HEAD = """\
grade: refused. This machine cannot isolate untrusted notebooks; none was opened.

What failed:
{failed}

What helps:
{advice}

Your own notebook needs no isolation: its check cells grade it as you work."""
_NOT_BUILT = """\
grade: refused. Reduced isolation (Landlock, without namespaces) is not built: it holds
no limit of a whole submission. Ask for full isolation."""
_INSTALL = (
    "  - Install bubblewrap and libseccomp: sudo apt-get install bubblewrap libseccomp2"
    "\n    (Fedora: sudo dnf install bubblewrap; Arch: sudo pacman -S bubblewrap)."
)
_UBUNTU = (
    "  - Ubuntu 24.04 and later forbid it to programs without an AppArmor profile:\n"
    "    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
)
_CONTAINER = (
    "  - This looks like a container. Those of Docker, Kubernetes and Studio\n"
    "    forbid new namespaces. Grade on the Linux machine itself, on a CI runner, or\n"
    "    start yours with --security-opt seccomp=unconfined --security-opt\n"
    "    apparmor=unconfined --security-opt systempaths=unconfined."
)
_ELSEWHERE = (
    "  - {system} has no namespaces. Grade on Linux: in WSL 2 on Windows, in a\n"
    "    virtual machine on macOS, or on a CI runner."
)
_OTHERWISE = (
    "  - A Linux machine with bubblewrap and a kernel from 5.14 on, or a CI runner."
)


class Refused(RuntimeError):
    """Nothing may be graded here; the message fits one screen. Exit code 3."""


def choose(requested: str = FULL) -> Tier:
    """Try what this machine can isolate, at each run, by function and not by name.

    Args:
        requested: "full", or "reduced" for a machine that cannot isolate fully.

    Returns:
        The tier that held.

    Raises:
        Refused: It does not hold, or there is no such tier.
    """
    if requested == REDUCED:
        raise Refused(_NOT_BUILT)
    if requested != FULL:
        raise Refused(f"grade: refused. There is no isolation {requested!r}: say full.")
    if sys.platform != "linux":
        raise _refusal("no Linux kernel", _ELSEWHERE.format(system=platform.system()))
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise _refusal("bubblewrap is not installed: no bwrap on PATH", _INSTALL)
    tier = Tier(FULL, os.path.abspath(bwrap))  # noqa: PTH100 - a link stays one
    try:
        held = attack(tier)
    except NotStarted as error:
        raise _refusal(f"bubblewrap does not start: {error}", *_advice()) from error
    except ImportError as error:
        raise _refusal(str(error), _INSTALL) from error
    if held:
        raise _refusal("the wall let through\n" + "\n".join(held), *_advice())
    return tier


def _advice() -> list[str]:
    found = []
    if _APPARMOR.exists() and _APPARMOR.read_text().strip() != "0":
        found.append(_UBUNTU)
    if any(Path(sign).exists() for sign in _SIGNS_OF_A_CONTAINER):
        found.append(_CONTAINER)
    return [*found, _OTHERWISE]


def _refusal(failed: str, *advice: str) -> Refused:
    lines = []
    for line in failed.splitlines():
        lines += textwrap.wrap(
            line, _COLUMNS, initial_indent="  ", subsequent_indent="    "
        )
    del lines[:-_LINES]
    return Refused(_HEAD.format(failed="\n".join(lines), advice="\n".join(advice)))
