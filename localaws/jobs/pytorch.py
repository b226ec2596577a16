"""What the PyTorch image adds: the rendezvous of a job's hosts, and torchrun.

As the PyTorch training toolkit 3.x sets them; `tests/oracles` runs it beside. All hosts
are on this machine and have no names here, so the first one is at 127.0.0.1, and its
port is the job's own, not 7777 for every job.
"""

import sys
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from localaws.jobs.container import decoded
from localaws.jobs.contract import Command, Resource

LAUNCHER = "sagemaker_torch_distributed_enabled"
_PROCESSES = "sagemaker_mpi_num_of_processes_per_host"
# below the ports that systems give to clients
_FIRST, _PORTS = 20_000, 10_000


def environment(job: Path) -> dict[str, str]:
    """The variables that the image sets beside those of the toolkit.

    Args:
        job: the folder of the job, which all its hosts share.
    """
    return {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(_FIRST + zlib.crc32(str(job).encode()) % _PORTS),
        "NCCL_SOCKET_IFNAME": "eth0",
        "NCCL_IB_DISABLE": "1",
        "NCCL_DEBUG": "WARN",
        "SM_DLC_TORCH_VERSION": version("torch"),
        "GLOO_SOCKET_IFNAME": "lo" if sys.platform == "linux" else "lo0",
    }


def torchrun(
    folder: Path,
    script: str,
    argv: Sequence[str],
    env: Mapping[str, str],
    hyperparameters: Mapping[str, str],
    resource: Resource,
    *,
    isolated: bool = False,
) -> Command:
    """The command of one host of a job that asks for `torch_distributed`.

    Args:
        folder: the source directory.
        script: the entry point, a Python script.
        argv: its arguments.
        env: the whole environment.
        hyperparameters: of the job.
        resource: the host, one of `resource.hosts`.
        isolated: cut off every network.
    """
    processes = decoded(hyperparameters.get(_PROCESSES, "1"))
    hosts = list(resource.hosts)
    options = ["--nnodes", str(len(hosts)), "--nproc_per_node", str(processes)]
    if len(hosts) > 1:
        options += ["--master_addr", env["MASTER_ADDR"]]
        options += ["--master_port", env["MASTER_PORT"]]
        options += ["--node_rank", str(hosts.index(resource.host))]
    return Command(
        env,
        folder,
        module="torch.distributed.run",
        argv=[*options, script, *argv],
        isolated=isolated,
    )
