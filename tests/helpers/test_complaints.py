"""The complaints that lessons cut into tokens and let people label."""

import pandas as pd
import yaml

from helpers.complaints import PARTS, complaints


def test_the_same_seed_gives_the_same_texts() -> None:
    pd.testing.assert_frame_equal(complaints(50), complaints(50))
    assert complaints(50, seed=1)["text"].tolist() != complaints(50)["text"].tolist()


def test_each_holds_a_sentence_of_its_topic_and_names_its_flight() -> None:
    topics = yaml.safe_load(PARTS.read_text())["topics"]
    table = complaints(300, slips=0)
    for row in table.itertuples():
        beginnings = [said.split("{")[0] for said in topics[row.topic]]
        assert any(said and said in row.text for said in beginnings)
    assert set(table["topic"]) == set(topics)
    named = [f"{row.carrier}{row.flight}" in row.text for row in table.itertuples()]
    assert sum(named) > 200


def test_slips_change_words_and_nothing_else() -> None:
    clean, typed = complaints(100, slips=0), complaints(100, slips=1)
    assert clean["topic"][0] == typed["topic"][0]
    first, second = clean["text"][0].split(), typed["text"][0].split()
    assert len(first) == len(second)
    assert all(a == b for a, b in zip(first, second, strict=True) if len(a) < 4)
    assert sum(a != b for a, b in zip(first, second, strict=True)) > 5
