"""The contract of a ModelTrainer job: the variables and arguments of the SDK's drivers.

As the drivers in `sagemaker.train.container_drivers` of the SDK 3.x set them. A job
that needs nothing of the drivers but these runs its script directly here.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from localaws.jobs.container import decoded, input_data_config, resource_config
from localaws.jobs.contract import Channel, Resource

_MASTER = "algo-1"
_PORT = 7777


def arguments(hyperparameters: Mapping[str, str]) -> list[str]:
    """Command line of the script: `--name value`, in the order of the job.

    Args:
        hyperparameters: strings; JSON stays JSON (true is "true"), text loses its
            quotes.
    """
    line = []
    for name, value in hyperparameters.items():
        line += [f"--{name}", _text(decoded(value))]
    return line


def environment(
    *,
    opt: str,
    hyperparameters: Mapping[str, str],
    channels: Mapping[str, Channel],
    script: str,
    resource: Resource,
    job_name: str,
) -> dict[str, str]:
    """The variables that `environment.py` of the drivers writes for the script.

    Args:
        opt: the folder that plays `/opt/ml`.
        hyperparameters: strings, JSON-decoded here.
        channels: channel name to its description.
        script: the user's entry script.
        resource: the machine.
        job_name: name of the job.
    """
    data = f"{opt}/input/data"
    hosts = sorted(resource.hosts)
    values = {name: decoded(text) for name, text in hyperparameters.items()}
    folders = {name: f"{data}/{name}" for name in channels}
    cpus = resource.cpus if resource.cpus is not None else os.cpu_count()
    same = {
        "current_host": resource.host,
        "current_instance_type": resource.instance_type,
        "hosts": hosts,
        "input_config_dir": f"{opt}/input/config",
        "input_data_config": input_data_config(channels),
        "input_data_dir": data,
        "input_dir": f"{opt}/input",
        "log_level": 20,
        "master_addr": _MASTER,
        "master_port": _PORT,
        "model_dir": f"{opt}/model",
        "network_interface_name": resource_config(resource)["network_interface_name"],
        "num_cpus": cpus,
        "num_gpus": resource.gpus,
        "num_neurons": 0,
        "output_data_dir": f"{opt}/output/data",
        "resource_config": resource_config(resource),
    }
    training = {
        **same,
        "channel_input_dirs": folders,
        "hyperparameters": values,
        "job_name": job_name,
    }
    variables: dict[str, Any] = {
        **same,
        "channels": list(channels),
        "current_host_rank": hosts.index(resource.host),
        "entry_script": script,
        "host_count": len(hosts),
        "hps": values,
        "output_dir": f"{opt}/output",
        "output_failure": f"{opt}/output/failure",
        "source_dir": f"{data}/code",
        "training_env": training,
        **{f"channel_{name}": folder for name, folder in folders.items()},
        **{f"hp_{name.replace('-', '_')}": value for name, value in values.items()},
    }
    return {f"SM_{name.upper()}": _text(value) for name, value in variables.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
