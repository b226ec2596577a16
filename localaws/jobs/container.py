"""The contract of the framework containers: configuration files, SM_* variables, argv.

As the SageMaker training toolkit 5.x writes them; `tests/oracles` runs it beside.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from localaws.jobs.contract import Channel, Resource

_GROUP = "homogeneousCluster"
_NETWORK = "eth0"
# hyperparameters that are for the container, not for the script
_OWN = "sagemaker_"
_KNOWN = {
    "sagemaker_program",
    "sagemaker_submit_directory",
    "sagemaker_enable_cloudwatch_metrics",
    "sagemaker_region",
    "sagemaker_container_log_level",
    "sagemaker_job_name",
    "sagemaker_s3_output",
    "default_user_module_name",
    "_tuning_objective_metric",
}
# hyperparameters that ask for a launcher on every host
_LAUNCHERS = (
    "sagemaker_mpi_enabled",
    "sagemaker_parameter_server_enabled",
    "sagemaker_distributed_dataparallel_enabled",
    "sagemaker_pytorch_ddp_enabled",
    "sagemaker_pytorch_xla_multi_worker_enabled",
    "sagemaker_multi_worker_mirrored_strategy_enabled",
    "sagemaker_torch_distributed_enabled",
)


def input_data_config(channels: Mapping[str, Channel]) -> dict[str, dict[str, str]]:
    """Content of inputdataconfig.json."""
    described = {}
    for name, channel in channels.items():
        described[name] = {
            "TrainingInputMode": channel.input_mode,
            "S3DistributionType": channel.distribution,
            "RecordWrapperType": channel.record_wrapper,
        }
        if channel.content_type:
            described[name]["ContentType"] = channel.content_type
    return described


def resource_config(resource: Resource) -> dict[str, Any]:
    """Content of resourceconfig.json."""
    hosts = list(resource.hosts)
    return {
        "current_host": resource.host,
        "current_instance_type": resource.instance_type,
        "current_group_name": _GROUP,
        "hosts": hosts,
        "instance_groups": [
            {
                "instance_group_name": _GROUP,
                "instance_type": resource.instance_type,
                "hosts": hosts,
            }
        ],
        "network_interface_name": _NETWORK,
    }


def decoded(value: str) -> Any:
    """A hyperparameter as JSON, or as the text that it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _split(
    hyperparameters: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    theirs, ours = {}, {}
    for key, value in hyperparameters.items():
        own = key.startswith(_OWN) or key in _KNOWN
        (ours if own else theirs)[key] = decoded(value)
    return theirs, ours


def launchers(hyperparameters: Mapping[str, str]) -> list[str]:
    """The hyperparameters that ask for a launcher, such as `sagemaker_mpi_enabled`."""
    _, ours = _split(hyperparameters)
    return [name for name in _LAUNCHERS if ours.get(name)]


def arguments(hyperparameters: Mapping[str, str]) -> list[str]:
    """Command line of the script: `--name value`, sorted; `-n value` for one letter.

    Args:
        hyperparameters: strings, JSON-decoded: true becomes "True", a dictionary
            "a=1,b=2".
    """
    theirs, _ = _split(hyperparameters)
    line = []
    for key in sorted(theirs):
        value = theirs[key]
        if isinstance(value, dict):
            value = ",".join(f"{one}={value[one]}" for one in sorted(value))
        line += [
            f"--{key}" if len(key) > 1 else f"-{key}",
            "" if value is None else str(value),
        ]
    return line


def environment(
    *,
    opt: str,
    hyperparameters: Mapping[str, str],
    channels: Mapping[str, Channel],
    module: str,
    resource: Resource,
    job_name: str,
    region: str,
) -> dict[str, str]:
    """The variables that the toolkit sets for the script; see `Workspace.environment`.

    Args:
        opt: the folder that plays `/opt/ml`.
        hyperparameters: strings, JSON-decoded here.
        channels: channel name to its description.
        module: the user's entry point.
        resource: the machine.
        job_name: name of the job.
        region: the AWS region.
    """
    theirs, ours = _split(hyperparameters)
    hosts = list(resource.hosts)
    launched = any(ours.get(name) for name in _LAUNCHERS)
    groups = ours.get(
        "sagemaker_distribution_instance_groups", [_GROUP] if launched else []
    )
    cpus = resource.cpus if resource.cpus is not None else os.cpu_count()
    folders = {name: f"{opt}/input/data/{name}" for name in channels}
    group = resource_config(resource)["instance_groups"][0]
    shared = {
        "current_host": resource.host,
        "current_instance_group": _GROUP,
        "current_instance_group_hosts": hosts,
        "current_instance_type": resource.instance_type,
        "distribution_instance_groups": groups,
        "framework_module": None,
        "hosts": hosts,
        "input_config_dir": f"{opt}/input/config",
        "input_data_config": input_data_config(channels),
        "input_dir": f"{opt}/input",
        "instance_groups": [_GROUP],
        "instance_groups_dict": {_GROUP: group},
        "is_hetero": False,
        "log_level": ours.get("sagemaker_container_log_level", 20),
        "model_dir": f"{opt}/model",
        "module_dir": ours.get("sagemaker_submit_directory", f"{opt}/code"),
        "module_name": module.removesuffix(".py"),
        "network_interface_name": _NETWORK,
        "num_cpus": cpus,
        "num_gpus": resource.gpus,
        "num_neurons": 0,
        "output_data_dir": f"{opt}/output/data",
        "output_dir": f"{opt}/output",
        "output_intermediate_dir": f"{opt}/output/intermediate",
        "resource_config": resource_config(resource),
        "user_entry_point": module,
    }
    framework = {key: value for key, value in ours.items() if key not in _KNOWN}
    training = {
        **shared,
        "additional_framework_parameters": framework,
        "channel_input_dirs": folders,
        "distribution_hosts": hosts if _GROUP in groups else [],
        "hyperparameters": theirs,
        "is_master": resource.host == hosts[0],
        "is_modelparallel_enabled": None,
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": job_name,
        "master_hostname": hosts[0],
        "topology": [],
    }
    variables: dict[str, Any] = {
        **shared,
        "channels": sorted(channels),
        "framework_params": framework,
        "hps": theirs,
        "training_env": training,
        "user_args": arguments(hyperparameters),
        **{f"channel_{name}": folder for name, folder in folders.items()},
        **{f"hp_{key}": value for key, value in theirs.items()},
    }
    return {
        **{f"SM_{name.upper()}": _text(value) for name, value in variables.items()},
        "CURRENT_HOST": resource.host,
        "SAGEMAKER_JOB_NAME": _text(ours.get("sagemaker_job_name")),
        "SAGEMAKER_REGION": _text(ours.get("sagemaker_region", region)),
        "TRAINING_JOB_NAME": job_name,
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
