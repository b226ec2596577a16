"""`make flink`: Flink, a Java runtime and Kafka's connector, from the package index.

Flink's planner lies inside another jar, from which it would be unpacked at each start;
it is unpacked here, as Flink's documentation allows. What other machines need, and the
dashboard, is left out of its largest jar.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from localaws.flink_runtime import place

_HERE = Path(__file__).parent
_JARS = (
    *("flink-cep", "flink-connector-files", "flink-csv", "flink-dist", "flink-json"),
    *("flink-python", "flink-scala_2.12", "flink-table-api-java-uber"),
    *("flink-table-planner-loader", "flink-table-runtime"),
    *("log4j-api", "log4j-core", "log4j-slf4j-impl"),
)
_CONNECTOR = ("flink-connector-kafka", "flink-connector-base", "kafka-clients")
_LINUX = {"x86_64": "linux64", "aarch64": "linux-aarch64"}
_MAC = {"x86_64": "osx-x86_64", "arm64": "osx-arm64"}
_NATIVE = re.compile(r"lib(forst|rocksdb)jni-(.+)\.\w+")
_UNUSED = re.compile(
    r"web/|META-INF/native/.*quiche|org/apache/flink/kubernetes/shaded/"
)


def install() -> None:
    """Fetch and lay down everything; what is there is made anew."""
    print(f"make: installing Apache Flink ({place.SIZE}, once)", flush=True)
    shutil.rmtree(place.home(), ignore_errors=True)
    for folder in (place.libraries(), place.kafka_connector().parent):
        folder.mkdir(parents=True)
    (place.home() / "plugins").mkdir()
    with tempfile.TemporaryDirectory(dir=place.home()) as name:
        _pip("install", "packages.txt", "--target", str(place.site()))
        _pip("download", "flink.txt", *_linux(), "-d", name)
        _pip("download", "jars.txt", "-d", name)
        _python(Path(name))
        _jars(Path(name))
        _connector(Path(name))
    _archive()
    if not place.archive().is_file():
        raise SystemExit("make: Java has not written its archive of classes")
    place.stamp().touch()


def _linux() -> Iterable[str]:
    return (
        *("--only-binary", ":all:", "--platform", "manylinux2014_x86_64"),
        *("--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"),
    )


def _pip(command: str, requirements: str, *more: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", command, "--disable-pip-version-check"),
            *(() if sys.stdout.isatty() else ("--quiet",)),
            *("--no-deps", "--require-hashes", "--no-build-isolation"),
            *("-r", str(_HERE / requirements), *more),
        ],
        check=True,
    )


def _python(folder: Path) -> None:
    (wheel,) = folder.glob("apache_flink-*.whl")
    with zipfile.ZipFile(wheel) as every:
        for item in every.namelist():
            if item.startswith("pyflink/") and not item.endswith((".so", ".jar")):
                every.extract(item, place.site())


def _jars(folder: Path) -> None:
    (source,) = folder.glob("apache_flink_libraries-*.tar.gz")
    with tarfile.open(source) as tar:
        for member in tar:
            path = Path(member.name)
            if path.suffix == ".jar" and path.name.startswith(_JARS):
                member.name = path.name
                tar.extract(member, place.libraries(), filter="data")
    dist = place.libraries() / f"flink-dist-{place.VERSION}.jar"
    smaller = dist.rename(folder / dist.name)
    with zipfile.ZipFile(dist, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as kept:
        _copy(smaller, kept, _wanted())
    loader = place.libraries() / f"flink-table-planner-loader-{place.VERSION}.jar"
    with zipfile.ZipFile(loader) as outer:
        outer.extract("flink-table-planner.jar", place.libraries())
    loader.unlink()


def _wanted() -> Callable[[str], bool]:
    names = _MAC if sys.platform == "darwin" else _LINUX
    own = names.get(platform.machine(), "")

    def wanted(name: str) -> bool:
        native = _NATIVE.fullmatch(name)
        return native[2] == own if native else not _UNUSED.match(name)

    return wanted


def _copy(source: Path, target: zipfile.ZipFile, wanted: Callable[[str], bool]) -> None:
    known = set(target.namelist())
    with zipfile.ZipFile(source) as every:
        for item in every.infolist():
            name = item.filename
            if not item.is_dir() and name not in known and wanted(name):
                target.writestr(item, every.read(item), zipfile.ZIP_DEFLATED)


def _connector(folder: Path) -> None:
    """Put Kafka's connector and client in one jar, as `flink-sql-connector-kafka`."""
    (wheel,) = folder.glob("shigawire_apache_flink_libraries-*.whl")
    with (
        zipfile.ZipFile(wheel) as every,
        zipfile.ZipFile(place.kafka_connector(), "w") as made,
    ):
        for name in _CONNECTOR:
            jar = Path(every.extract(f"pyflink/lib/{name}.jar", folder))
            _copy(jar, made, lambda name: "MANIFEST" not in name)


def _archive() -> None:
    """Let Java keep the classes of a job in a file that it maps: a start in half."""
    subprocess.run([place.java(), "-Xshare:dump", "-Xlog:disable"], check=True)
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(
            [sys.executable, "-m", "localaws.flink_runtime.training", name],
            env={**os.environ, **place.environment(Path(name))},
            check=True,
        )


if __name__ == "__main__":
    install()
