"""Who listens on a port of this machine."""

import psutil


def holds(pid: int, port: int) -> bool:
    """Return whether a process of this user listens on a port of 127.0.0.1."""
    try:
        wires = psutil.Process(pid).net_connections("tcp4")
    except psutil.Error:
        return False
    return any(
        wire.status == psutil.CONN_LISTEN and wire.laddr.port == port for wire in wires
    )


def holder(port: int) -> str:
    """Return who listens on a port, as far as this user may see it."""
    try:
        wires = psutil.net_connections("tcp4")
    except psutil.Error:
        return "by a process of another user"
    for wire in wires:
        if wire.status == psutil.CONN_LISTEN and wire.laddr.port == port:
            return f"by process {wire.pid}" if wire.pid else "by another user's process"
    return "by nobody"
