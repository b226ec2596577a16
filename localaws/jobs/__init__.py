"""Really running one job, or one model server, the way a SageMaker container host does.

The room knows the `/opt/ml` tree and child processes. It must not know HTTP to AWS,
boto3 or `localaws.sagemaker`; everything it is told comes in as arguments.
"""

from localaws.jobs.adopted import AdoptedParent
from localaws.jobs.archive import pack, unpack
from localaws.jobs.contract import (
    Channel,
    Command,
    Limits,
    Mount,
    Outcome,
    Resource,
)
from localaws.jobs.errors import (
    ArchiveError,
    JobError,
    ModelLoadError,
    ModelServerError,
    ModelTimeout,
)
from localaws.jobs.function import FunctionProcess, Reply
from localaws.jobs.isolation import can_cut_network, can_mount
from localaws.jobs.parent import Parent
from localaws.jobs.process import Job
from localaws.jobs.serving import Answer, ModelServer
from localaws.jobs.warm import WarmParent
from localaws.jobs.workspace import Workspace

__all__ = [
    "AdoptedParent",
    "Answer",
    "ArchiveError",
    "Channel",
    "Command",
    "FunctionProcess",
    "Job",
    "JobError",
    "Limits",
    "ModelLoadError",
    "ModelServer",
    "ModelServerError",
    "ModelTimeout",
    "Mount",
    "Outcome",
    "Parent",
    "Reply",
    "Resource",
    "WarmParent",
    "Workspace",
    "can_cut_network",
    "can_mount",
    "pack",
    "unpack",
]
