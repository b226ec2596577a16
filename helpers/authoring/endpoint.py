"""An AWS endpoint of its own for each execution, and the kernel that runs it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

from helpers.kernels import PROVISIONER
from localaws import daemon

EPOCH = "2026-01-05T08:00:00Z"
STOCK = "MLA_STOCK_KERNELS"


@contextmanager
def isolated(*, start: bool = True) -> Iterator[dict[str, str]]:
    """Give the environment of an endpoint with a fixed clock, gone at the end.

    Nothing of the machine's own AWS settings is in it, so nothing can leave for an
    account, and two executions in it cannot see each other.

    Args:
        start: start the endpoint now; otherwise the first `cloud.start()` does.

    Yields:
        The environment for the processes that are to use the endpoint.
    """
    with TemporaryDirectory(prefix="localaws-") as home:
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AWS_", "LOCALAWS_", "MLA_TARGET"))
        }
        environment |= {"LOCALAWS_HOME": home, "LOCALAWS_EPOCH": EPOCH}
        environment |= kernels()
        try:
            if start:
                with applied(environment):
                    daemon.start(Path(home))
            yield environment
        finally:
            daemon.stop(Path(home))


def kernels() -> dict[str, str]:
    """Give the variable that chooses forked kernels, or nothing for stock ones.

    Stock kernels are those of every learner; they run everywhere, so they stand in on
    other systems than Linux, and where `MLA_STOCK_KERNELS=1` asks for them.
    """
    known = entry_points(group="jupyter_client.kernel_provisioners").names
    wanted = sys.platform == "linux" and os.environ.get(STOCK, "0") == "0"
    if wanted and PROVISIONER in known:
        return {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
    return {}


@contextmanager
def applied(environment: dict[str, str]) -> Iterator[None]:
    """Make an environment that of this process for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
