"""What `spark-submit` is asked for: its options, the script and the arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localaws.errors import NotImplementedHere

CLIENT, CLUSTER = "client", "cluster"
_SHORT = {"-c": "--conf"}
_VALUED = {
    "--archives",
    "--conf",
    "--deploy-mode",
    "--driver-cores",
    "--driver-java-options",
    "--driver-memory",
    "--executor-cores",
    "--executor-memory",
    "--files",
    "--jars",
    "--master",
    "--name",
    "--num-executors",
    "--py-files",
    "--total-executor-cores",
}
# Options that a setting stands for, as spark-submit has it.
_SETTINGS = {
    "--driver-cores": "spark.driver.cores",
    "--driver-java-options": "spark.driver.extraJavaOptions",
    "--driver-memory": "spark.driver.memory",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--num-executors": "spark.executor.instances",
}
_FLAGS = ("--verbose", "-v", "--supervise")
# What each does on AWS.
_REFUSED = {
    "--class": "runs a class of a Java or Scala archive",
    "--driver-class-path": "adds folders of the cluster's machines to the class path",
    "--driver-library-path": "adds folders of the cluster's machines to the libraries",
    "--exclude-packages": "leaves out packages of Maven",
    "--keytab": "logs in to Kerberos",
    "--kill": "ends a driver of a standalone cluster",
    "--packages": "fetches packages from Maven's repository",
    "--principal": "logs in to Kerberos",
    "--properties-file": "reads settings from a file of the cluster's machines",
    "--proxy-user": "acts for another user",
    "--queue": "chooses a queue of YARN",
    "--remote": "is a client of Spark Connect",
    "--repositories": "fetches packages from Maven's repository",
    "--status": "asks for a driver of a standalone cluster",
}
_REFUSED_SETTINGS = {
    "spark.driver.extraClassPath": _REFUSED["--driver-class-path"],
    "spark.driver.extraLibraryPath": _REFUSED["--driver-library-path"],
    "spark.hadoop.hive.metastore.client.factory.class": (
        "makes the Data Catalog the metastore of Spark SQL"
    ),
    "spark.jars.ivySettings": _REFUSED["--packages"],
    "spark.jars.packages": _REFUSED["--packages"],
    "spark.jars.repositories": _REFUSED["--packages"],
    "spark.pyspark.driver.python": "runs another Python",
    "spark.pyspark.python": "runs another Python",
    "spark.yarn.queue": _REFUSED["--queue"],
}
_DRIVER = ("spark.yarn.appMasterEnv.", "spark.emr-serverless.driverEnv.")


@dataclass(frozen=True)
class Submission:
    """One application.

    Attributes:
        mode: `client` or `cluster`.
        settings: Of Spark, without those that say where it runs.
        options: Other options, as they are given.
        script: Where it is.
        arguments: Of the script.
        variables: Of the driver's environment.
    """

    mode: str = CLIENT
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    script: str = ""
    arguments: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def parse(operation: str, words: Sequence[str]) -> Submission:
    """Read the command line of spark-submit.

    What is wrong with it stays in it, for spark-submit itself to say.

    Args:
        operation: For the message, such as `elasticmapreduce:AddJobFlowSteps`.
        words: What follows `spark-submit`.

    Raises:
        NotImplementedHere: Something of it does not act here.
    """
    mode, script, wrong = CLIENT, "", False
    settings: dict[str, str] = {}
    options: list[str] = []
    rest = [*words]
    while rest and not script:
        word = rest.pop(0)
        name, value = _divided(word)
        if name in _REFUSED:
            raise NotImplementedHere(f"{operation} spark-submit {name}", _REFUSED[name])
        if not name.startswith("-"):
            script = word
        elif name not in _VALUED or (value is None and not rest):
            wrong = wrong or name not in _FLAGS
            options.append(word)
        else:
            value = rest.pop(0) if value is None else value
            key, equal, setting = value.partition("=")
            if name == "--deploy-mode":
                mode = value
            elif name == "--conf" and equal:
                settings[key.strip()] = setting.strip()
            elif name in _SETTINGS:
                settings[_SETTINGS[name]] = value
            elif name != "--master":
                options += [name, value]
    if not wrong and not script.endswith(".py") and script:
        raise NotImplementedHere(
            f"{operation} spark-submit {script} (here only scripts of Python)",
            "runs programs in Java, Scala and R too",
        )
    return _placed(operation, mode, settings, options, script, rest)


def _divided(word: str) -> tuple[str, str | None]:
    """Return the name of an option, and its value if that stands in the same word."""
    if word.startswith("--") and "=" in word:
        name, _, value = word.partition("=")
        return name, value
    return _SHORT.get(word, word), None


def _placed(
    operation: str,
    mode: str,
    settings: dict[str, str],
    options: list[str],
    script: str,
    arguments: list[str],
) -> Submission:
    settings.pop("spark.master", None)
    mode = settings.pop("spark.submit.deployMode", mode)
    if mode not in (CLIENT, CLUSTER):
        options = ["--deploy-mode", mode, *options]
    check_settings(operation, settings)
    kept, variables = divided(operation, settings)
    return Submission(mode, kept, options, script, arguments, variables)


def check_settings(operation: str, settings: Mapping[str, str]) -> None:
    """Refuse settings of Spark that do not act here.

    Args:
        operation: For the message.
        settings: Of Spark.

    Raises:
        NotImplementedHere: One does not.
    """
    for name, value in settings.items():
        if name in _REFUSED_SETTINGS:
            raise NotImplementedHere(
                f"{operation} {name}={value!r}", _REFUSED_SETTINGS[name]
            )


def divided(
    operation: str, settings: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the settings, and the variables of the driver that are among them.

    Args:
        operation: For the message.
        settings: Of Spark.

    Raises:
        NotImplementedHere: A variable chooses another Python.
    """
    kept, variables = {}, {}
    for name, value in settings.items():
        prefix = next((one for one in _DRIVER if name.startswith(one)), None)
        if prefix is None:
            kept[name] = value
            continue
        variable = name.removeprefix(prefix)
        if variable.startswith(("PYSPARK_", "PYTHON", "JAVA_", "SPARK_", "AWS_")):
            raise NotImplementedHere(
                f"{operation} {name}={value!r}",
                "sets a variable that decides what the driver runs as",
            )
        variables[variable] = value
    return kept, variables
