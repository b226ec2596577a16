"""Flink's own small cluster inside the Java machine, and jobs' way to it."""

from collections.abc import Mapping, Sequence
from typing import Any


def start(jvm: Any, settings: Mapping[str, str], slots: int) -> str:
    """Start a cluster of one worker, and return the address of its REST interface.

    Args:
        jvm: The Java machine's names.
        settings: Flink's configuration.
        slots: How many parallel tasks of a kind fit in.
    """
    inner = jvm.org.apache.flink.runtime.minicluster
    builder = inner.MiniClusterConfiguration.Builder()
    builder.setConfiguration(_configuration(jvm, settings))
    builder.setNumTaskManagers(1).setNumSlotsPerTaskManager(slots)
    cluster = inner.MiniCluster(builder.build())
    cluster.start()
    return str(cluster.getRestAddress().get().toString())


def enter(
    jvm: Any, address: str, settings: Mapping[str, str], jars: Sequence[str]
) -> None:
    """Have every environment that a program asks for send its one job to a cluster.

    It is what `flink run` does before it runs a program.

    Args:
        jvm: The Java machine's names.
        address: Of the cluster's REST interface.
        settings: Flink's configuration.
        jars: Addresses of jars that the program brings along.
    """
    from pyflink.util.java_utils import add_jars_to_context_class_loader

    if jars:
        add_jars_to_context_class_loader(list(jars))
    host, _, port = address.removeprefix("http://").rpartition(":")
    wanted = {
        **settings,
        "execution.target": "remote",
        "execution.attached": "false",
        "rest.address": host,
        "rest.port": port,
        "pipeline.jars": ";".join(jars),
    }
    if not jars:
        del wanted["pipeline.jars"]
    flink = jvm.org.apache.flink
    flink.client.program.StreamContextEnvironment.setAsContext(
        flink.core.execution.DefaultExecutorServiceLoader(),
        _configuration(jvm, wanted),
        jvm.Thread.currentThread().getContextClassLoader(),
        *(1, 1, False, None, None),
        jvm.java.util.ArrayList(),
    )


def _configuration(jvm: Any, settings: Mapping[str, str]) -> Any:
    made = jvm.org.apache.flink.configuration.Configuration()
    for name, value in settings.items():
        made.setString(name, value)
    return made
