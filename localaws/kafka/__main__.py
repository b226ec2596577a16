"""Serves the cluster of a folder: `python -m localaws.kafka FOLDER [PORT ...]`.

Prints its ports once it is ready, and ends with SIGTERM.
"""

import asyncio
import logging
import sys
from pathlib import Path

from localaws.kafka import READY
from localaws.kafka.brokers import Brokers
from localaws.kafka.cluster import Cluster


async def serve(folder: Path, wanted: list[int]) -> None:
    """Serve until the process is ended.

    Args:
        folder: The cluster's.
        wanted: Ports that the brokers should have.
    """
    cluster = Cluster(folder)
    await Brokers(cluster).listen(wanted)
    print(READY, *cluster.ports.values(), flush=True)
    await cluster.groups.watch()


def main() -> None:
    """Serve the cluster that the command line names."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    folder, *ports = sys.argv[1:]
    asyncio.run(serve(Path(folder), [int(port) for port in ports]))


if __name__ == "__main__":
    main()
