"""A connection that somebody hands to this process, by a file that a variable names.

A grader does so: its endpoint runs where this process sees neither its folder nor its
process id. Such an endpoint is not this process's to start or stop.
"""

import json
import os
from pathlib import Path

from localaws.home import Connection, DaemonError

VARIABLE = "LOCALAWS_CONNECTION"


def handed() -> Connection | None:
    """Return the connection that was handed to this process, or None.

    Raises:
        DaemonError: The file holds none.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    try:
        return Connection(**json.loads(Path(named).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise DaemonError(f"{VARIABLE}={named} names no connection: {error}") from error
