"""Samples of other packages: made anew where the package lies, kept where not."""

import pandas as pd
import pytest

from helpers.authoring import borrowed
from helpers.authoring.borrowed import BORROWED, GARMENTS, Changed
from helpers.samples import sample

each = pytest.mark.parametrize("one", BORROWED, ids=lambda one: one.file)


@each
def test_without_its_package_a_sample_is_kept(one, monkeypatch, tmp_path):
    monkeypatch.setattr(borrowed, "SOURCES", tmp_path)
    assert one.frame() is None
    content, rows = one.kept()
    assert content == sample(one.file).read_bytes()
    assert len(rows) == {"garments.parquet": 400, "shelf.parquet": 2000}[one.file]


@each
def test_another_package_is_refused(one, monkeypatch, tmp_path):
    monkeypatch.setattr(borrowed, "SOURCES", tmp_path)
    for name, _ in one.needs:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"another one")
    with pytest.raises(Changed, match=f"not the file from which {one.file} was cut"):
        one.frame()


def test_a_sample_that_was_changed_is_not_kept(monkeypatch, tmp_path):
    from helpers import samples

    monkeypatch.setattr(samples, "SAMPLES", tmp_path)
    (tmp_path / "garments.parquet").write_bytes(b"another one")
    with pytest.raises(Changed, match=r"garments\.parquet is missing or another one"):
        BORROWED[0].kept()


def test_each_kind_of_garment_is_there_as_often():
    garments = pd.read_parquet(sample("garments.parquet"))
    assert garments["garment"].value_counts().to_dict() == dict.fromkeys(
        GARMENTS.values(), borrowed.OF_A_KIND
    )
    assert {*garments["pixels"].map(len)} == {borrowed.SIDE**2}
    assert garments["number"].is_unique


def test_images_and_labels_are_read_from_behind_their_headers(tmp_path):
    import gzip

    count = borrowed.OF_A_KIND
    kinds = bytes([*GARMENTS] * count + [9])
    pixels = b"".join(bytes([n % 251]) * borrowed.SIDE**2 for n in range(len(kinds)))
    images, labels = tmp_path / "images.gz", tmp_path / "labels.gz"
    images.write_bytes(gzip.compress(bytes(16) + pixels))
    labels.write_bytes(gzip.compress(bytes(8) + kinds))
    rows = borrowed._garments(images, labels)
    assert len(rows) == count * len(GARMENTS)
    for row in rows.itertuples():
        assert GARMENTS[kinds[row.number]] == row.garment
        assert {*row.pixels} == {row.number % 251}
