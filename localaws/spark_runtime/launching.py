"""The command that starts an application: settings, variables, words."""

from collections.abc import Mapping
from pathlib import Path

from localaws.glue_runtime import place
from localaws.spark_runtime.submission import Submission, divided

STDOUT, STDERR = "stdout", "stderr"
_ROOT = Path(__file__).parent
_JAVA = "spark.driver.extraJavaOptions"
# Where Spark is on AWS, with the examples that AWS's documentation submits.
_HOME = "/usr/lib/spark/"
_SHELL = f'exec "$0" "$@" >../{STDOUT} 2>../{STDERR}'


def lay(
    folder: Path, url: str, defaults: Mapping[str, str], submission: Submission
) -> tuple[list[str], dict[str, str]]:
    """Prepare the folder of an application.

    Args:
        folder: Private to it; there is a folder `work` in it, where it runs.
        url: Where S3 is.
        defaults: Settings of Spark for which the application may have others.
        submission: The application.

    Returns:
        The words of the command, and what its environment holds of Spark. Its output
        is in the files `stdout` and `stderr`.
    """
    scratch = folder / "tmp"
    (folder / "work").mkdir()
    scratch.mkdir()
    given = dict(submission.settings)
    usual, variables = divided("spark-submit", defaults)
    java = given.pop(_JAVA, usual.pop(_JAVA, ""))
    file = place.properties(folder, place.s3(url) | usual)
    env = place.environment(file) | {
        "SPARK_SUBMIT_OPTS": f"-Djava.io.tmpdir={scratch} {java}",
        "TMPDIR": str(scratch),
        "PYTHONPATH": f"{place.site()}:{_ROOT / 'path'}",
    }
    del env["PYSPARK_SUBMIT_ARGS"]
    words = [
        *("/bin/sh", "-c", _SHELL, str(place.site() / "pyspark/bin/spark-submit")),
        *("--properties-file", str(file), "--master", "local[2]"),
        *(word for pair in given.items() for word in ("--conf", "=".join(pair))),
        *submission.options,
        *((_here(submission.script),) if submission.script else ()),
        *submission.arguments,
    ]
    return words, {**variables, **submission.variables, **env}


def _here(script: str) -> str:
    if script.startswith(_HOME):
        return str(place.site() / "pyspark" / script.removeprefix(_HOME))
    return script
