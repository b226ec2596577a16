"""What a run's folder holds before its process starts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SETTINGS = "settings.json"
PROPERTIES = "application_properties.json"
# What the process leaves there: the address of Flink's REST interface, its error.
REST, FAILED = "rest", "failed"
_LOG = """rootLogger.level = {level}
rootLogger.appenderRef.out.ref = out
appender.out.name = out
appender.out.type = Console
appender.out.target = SYSTEM_OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = {pattern}
{quiet}"""
# They speak of what a cluster in one process does not have.
_QUIET = {
    "org.apache.flink.runtime.security.token": "error",
    "org.apache.flink.runtime.webmonitor.WebMonitorUtils": "error",
    "org.apache.flink.runtime.taskexecutor.TaskExecutorResourceUtils": "error",
    "org.apache.flink.metrics.MetricGroup": "error",
    "org.apache.flink.runtime.metrics.util.MetricUtils": "error",
    "org.apache.flink.api.java.typeutils.TypeExtractor": "error",
}
_ESCAPED = "%enc{{{}}}{{JSON}}"


@dataclass(frozen=True)
class Program:
    """What a process runs.

    Attributes:
        python: The file with the main program.
        folder: Where it runs.
        jars: Files that it brings along.
        paths: Files and folders from which Python imports.
    """

    python: Path
    folder: Path
    jars: Sequence[Path] = ()
    paths: Sequence[Path] = ()


@dataclass(frozen=True)
class Setting:
    """How Flink runs it.

    Attributes:
        flink: Flink's configuration.
        slots: How many parallel tasks of a kind there may be.
        level: From which level on Flink's messages are printed.
        told: Members of each printed message.
    """

    flink: Mapping[str, str]
    slots: int = 1
    level: str = "INFO"
    told: Mapping[str, str] = field(default_factory=dict)


def lay(folder: Path, program: Program, setting: Setting, properties: object) -> None:
    """Write the files of a run.

    Args:
        folder: Private to the run.
        program: What runs.
        setting: How.
        properties: Its runtime properties, as AWS writes them down.
    """
    (folder / "config.yaml").write_text("{}\n")
    level, pattern = setting.level.lower(), _pattern(setting.told)
    quiet = "".join(
        f"logger.q{number}.name = {name}\nlogger.q{number}.level = {most}\n"
        for number, (name, most) in enumerate(_QUIET.items())
    )
    log = _LOG.format(level=level, pattern=pattern, quiet=quiet)
    (folder / "log4j2.properties").write_text(log)
    (folder / PROPERTIES).write_text(json.dumps(properties))
    given = {
        "python": str(program.python),
        "cwd": str(program.folder),
        "jars": [path.as_uri() for path in program.jars],
        "paths": [str(path) for path in program.paths],
        "flink": dict(setting.flink),
        "slots": setting.slots,
    }
    (folder / SETTINGS).write_text(json.dumps(given))


def _pattern(told: Mapping[str, str]) -> str:
    """Return log4j's pattern of a message that is one line of JSON."""
    members = {
        **{name: value.replace("%", "%%") for name, value in told.items()},
        "logger": "%c",
        "message": _ESCAPED.format("%m"),
        "messageType": "%p",
        "threadName": _ESCAPED.format("%t"),
    }
    parts = [f'"{name}":"{value}"' for name, value in members.items()]
    thrown = f',"throwableInformation":"{_ESCAPED.format("%ex")}"'
    return f"{{{','.join(parts)}%notEmpty{{{thrown}}}}}%n"
