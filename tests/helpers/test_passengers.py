"""Passengers and their complaints: drawn, exact, and nobody's."""

import random
import re
from collections import Counter
from ipaddress import ip_address, ip_network

import pandas as pd
import pytest
from botocore.session import get_session

from helpers.passengers import notes, passengers, read_notes
from helpers.passengers.numbers import NETWORKS, card, grouped, is_card, passport, ssn
from helpers.passengers.people import lists
from helpers.samples import sample


@pytest.fixture(scope="module")
def people():
    return passengers()


@pytest.fixture(scope="module")
def written():
    return notes()


def test_the_same_seed_gives_the_same_people_and_texts(people, written):
    pd.testing.assert_frame_equal(passengers(), people)
    assert notes() == written
    assert passengers(50, seed=1)["name"].tolist() != people["name"][:50].tolist()
    assert notes(5, seed=1)[0]["text"] != written[0]["text"]


def test_fewer_are_the_first_of_more(people):
    few = passengers(50)
    pd.testing.assert_frame_equal(few, people[:50], check_dtype=False)


def test_the_samples_hold_what_the_generators_make(people, written):
    kept = pd.read_parquet(sample("passengers.parquet"))
    for name in people:
        assert kept[name].dropna().tolist() == people[name].dropna().tolist()
    assert read_notes(sample("notes.jsonl")) == written


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("4111111111111111", True),
        ("4111111111111112", False),
        ("378282246310005", True),
        ("378282246310050", False),
    ],
)
def test_luhn_knows_the_networks_own_test_numbers(number, valid):
    assert is_card(number) is valid


def test_numbers_keep_their_rules():
    rng = random.Random(1)
    for first, groups in lists()["cards"]:
        number = card(first, groups, rng)
        assert is_card(number)
        assert len(number) == sum(groups)
        parts = grouped(number, groups, "-").split("-")
        assert [len(part) for part in parts] == groups
        assert "".join(parts) == number
    for _ in range(500):
        area, group, serial = ssn(rng).split("-")
        assert area not in {"000", "666"}
        assert area < "900"
        assert group != "00"
        assert serial != "0000"
    assert re.fullmatch(r"[A-Z]{2}\d{6}C", passport("??######C", rng))


def test_the_table_holds_numbers_that_are_free_for_stories(people):
    assert people["card"].map(is_card).all()
    assert people["card"].is_unique
    assert people["phone"].str.fullmatch(r"\d{3}-555-01\d\d").all()
    assert people["email"].str.fullmatch(r"[a-z._\d]+@example\.(com|net|org)").all()
    assert people["ssn"].isna().eq(people["nationality"] != "US").all()


def test_help_is_asked_for_more_often_in_old_age(people):
    old = people["born"].map(lambda day: day.year) < 1940
    shares = people["assistance"].groupby(old).mean()
    assert shares[True] > 3 * shares[False] > 0


def test_a_span_holds_what_its_passenger_gave_away(people, written):
    known = people.set_index("passenger").to_dict("index")
    digits = {"card": "card", "phone": "phone", "SSN": "ssn"}
    same = {"person": "name", "e-mail": "email", "passport": "passport", "city": "city"}
    for note in written:
        person = known[note["passenger"]]
        for span in note["spans"]:
            found, kind = note["text"][span["begin"] : span["end"]], span["kind"]
            if kind in digits:
                bare = re.sub(r"\D", "", found)
                assert bare.removeprefix("1") == re.sub(
                    r"\D", "", person[digits[kind]]
                ).removeprefix("1")
            elif kind in same:
                assert found == person[same[kind]]
            elif kind == "IP":
                nets = [ip_network(f"{network}.0/24") for network in NETWORKS]
                assert any(ip_address(found) in network for network in nets)
            elif kind == "date":
                assert pd.Timestamp(found).date() == person["born"]
            else:
                house = " ".join(person["street"].split()[:-1])
                assert found.startswith(house)
                assert (person["zip"] in found) is (kind == "address")


def test_nothing_is_given_away_outside_the_spans(people, written):
    known = people.set_index("passenger").to_dict("index")
    for note in written:
        rest, end = "", 0
        for span in note["spans"]:
            assert end < span["begin"] < span["end"] or span["begin"] == end == 0
            rest, end = rest + note["text"][end : span["begin"]], span["end"]
        rest += note["text"][end:]
        person = known[note["passenger"]]
        assert not re.search(r"\b\d{5}|@|\d-\d", rest)
        assert person["name"] not in rest
        assert person["street"] not in rest


def test_every_kind_occurs_often_enough_to_measure_it(written):
    spans = [span for note in written for span in note["spans"]]
    kinds = Counter(span["kind"] for span in spans)
    assert set(kinds) == set(lists()["types"])
    assert min(kinds.values()) >= 60
    assert all(span["type"] == lists()["types"][span["kind"]] for span in spans)
    assert len({note["topic"] for note in written}) == 5


def test_the_types_are_those_of_comprehend():
    model = get_session().get_service_model("comprehend")
    assert set(lists()["types"].values()) <= set(model.shape_for("PiiEntityType").enum)
