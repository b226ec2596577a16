"""A process that has done what an endpoint does at its first requests.

An endpoint that is forked from it answers at once. It holds one thread before and
after: what runs at a fork hangs the child.
"""

import gc
import importlib
import os
import tempfile
from pathlib import Path

from localaws import serving
from localaws.jobs import Parent, can_cut_network, can_mount
from localaws.jobs.warm import PRELOAD as JOBS

PRELOAD = (
    *JOBS,
    "boto3",
    "localaws.server",
    "localaws.pii.documents",
    "localaws.jobs.function_host",
    "localaws.jobs.model_server",
)
# A call of each service reads its models and lays its routes: half a second of EC2's.
CALLS = {
    "s3": "list_buckets",
    "iam": "list_users",
    "sts": "get_caller_identity",
    "sagemaker": "list_training_jobs",
    "logs": "describe_log_groups",
    "cloudwatch": "list_metrics",
    "glue": "get_databases",
    "athena": "list_work_groups",
    "kinesis": "list_streams",
    "firehose": "list_delivery_streams",
    "kinesisanalyticsv2": "list_applications",
    "lambda": "list_functions",
    "dynamodb": "list_tables",
    "rds": "describe_db_instances",
    "kafka": "list_clusters_v2",
    "ec2": "describe_vpcs",
    "efs": "describe_file_systems",
    "fsx": "describe_file_systems",
    "datasync": "list_tasks",
    "emr": "list_clusters",
    "kms": "list_keys",
    "lakeformation": "list_resources",
    "databrew": "list_jobs",
    "comprehend": "list_pii_entities_detection_jobs",
    "macie2": "list_classification_jobs",
    "events": "list_rules",
    "sns": "list_topics",
    "sqs": "list_queues",
}


class NotWarm(RuntimeError):
    """This process cannot be forked: threads run in it."""


def warm() -> None:
    """Import what endpoints and their jobs need, and serve for a moment.

    Raises:
        NotWarm: Threads are left.
    """
    serving.lean()
    for name in PRELOAD:
        importlib.import_module(name)
    can_cut_network()
    can_mount()
    with tempfile.TemporaryDirectory() as folder:
        _serve(Path(folder))
    gc.collect()
    gc.freeze()
    threads = [one.read_text() for one in Path("/proc/self/task").glob("*/comm")]
    if len(threads) > 1:
        raise NotWarm(f"threads run after the imports: {' '.join(threads[1:])}")


class _Idle(Parent):
    """Starts no job: there is none."""

    warm = True

    def close(self) -> None:
        """Leave all as it is."""


def _serve(folder: Path) -> None:
    from localaws.loopback import Session
    from localaws.server import Server

    run = folder / "run"
    run.mkdir()
    keys = serving.new_keys()
    epoch = "2026-01-01T00:00:00+00:00"
    server = Server(run, keys, epoch, parent=_Idle(dict(os.environ)))
    try:
        learner = Session(keys.access_key, keys.secret_key, "")
        for service, call in CALLS.items():
            client = server.aws.client(service, learner)
            try:
                getattr(client, call)()
            except client.exceptions.ClientError:
                continue
    finally:
        server.stop()
