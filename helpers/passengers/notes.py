"""Complaints in which passengers give themselves away, and where they do."""

import json
import random
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

from helpers.complaints import complaints
from helpers.passengers.numbers import grouped, ip
from helpers.passengers.people import drawn, lists

DATES = (
    "{0:%Y-%m-%d}",
    "{0:%m/%d/%Y}",
    "{0:%B} {0.day}, {0.year}",
    "{0.day} {0:%B %Y}",
)
PHONES = ("{}-{}-{}", "({}) {}-{}", "{}.{}.{}", "+1 {} {} {}", "+1-{}-{}-{}")

# The number of passengers that `passengers` draws unless told otherwise.
PEOPLE = 2000
# Who was born later does not write complaints.
GROWN_UP = 1995

Note = dict[str, Any]


def notes(count: int = 400, seed: int = 13) -> list[Note]:
    """Draw complaints of the passengers of the same seed.

    Args:
        count: how many.
        seed: draws passengers, sentences and ways of writing; the same seed gives the
            same texts.

    Returns:
        A dictionary for each: its number (`note`), the `passenger`, `carrier`, `flight`
        and `topic` (see `complaints`), the `text`, and `spans`. A span has the `type`
        that Amazon Comprehend gives it, a `kind`, which tells a street from a city and
        from a whole address, and the places where it begins and ends.
    """
    rng = random.Random(f"notes {seed}")
    people = [who for who in drawn(PEOPLE, seed) if who["born"].year <= GROWN_UP]
    said = complaints(count, seed).to_dict("records")
    return [
        {
            "note": number,
            "passenger": person["passenger"],
            "carrier": row["carrier"],
            "flight": row["flight"],
            "topic": row["topic"],
            **_written(row["text"], person, rng),
        }
        for number, row in enumerate(said, 1)
        for person in [rng.choice(people)]
    ]


def read_notes(path: Path) -> list[Note]:
    """Read notes from a file of JSON lines, such as `sample("notes.jsonl")`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _written(text: str, person: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    found = lists()
    occasions = [name for name in found["asides"] if person["ssn"] or name != "papers"]
    asides = [
        rng.choice(found["asides"][name])
        for name in rng.sample(occasions, rng.randint(2, 5))
    ]
    before = rng.choice([0, 0, 1])
    # A complaint may hold braces of its own one day; none of them is ours to fill.
    middle = text.replace("{", "{{").replace("}", "}}")
    parts = [
        *asides[:before],
        middle,
        *asides[before:],
        rng.choice(found["signatures"]),
    ]
    return _filled(" ".join(part for part in parts if part), person, rng)


def _filled(
    template: str, person: dict[str, Any], rng: random.Random
) -> dict[str, Any]:
    types, text, spans = lists()["types"], "", []
    for plain, kind, _, _ in Formatter().parse(template):
        text += plain
        if kind:
            begin, text = len(text), text + _form(kind, person, rng)
            place = {"begin": begin, "end": len(text)}
            spans.append({"type": types[kind], "kind": kind, **place})
    return {"text": text, "spans": spans}


def _form(kind: str, person: dict[str, Any], rng: random.Random) -> str:
    """Write what a passenger gives away, in one of the ways in which people do."""
    match kind:
        case "person":
            return person["name"]
        case "e-mail":
            return person["email"]
        case "street":
            return _street(person, rng)
        case "address":
            where = f"{person['city']}, {person['state']} {person['zip']}"
            return f"{_street(person, rng)}, {where}"
        case "phone":
            return rng.choice(PHONES).format(*person["phone"].split("-"))
        case "card":
            forms = lists()["cards"]
            groups = next(g for first, g in forms if person["card"].startswith(first))
            return grouped(person["card"], groups, rng.choice([" ", "-", ""]))
        case "SSN":
            return rng.choice([person["ssn"]] * 4 + [person["ssn"].replace("-", " ")])
        case "date":
            return _date(person["born"], rng)
        case "IP":
            return ip(rng)
        case _:
            return person[kind]


def _street(person: dict[str, Any], rng: random.Random) -> str:
    street, kind = person["street"].rsplit(" ", 1)
    kind = rng.choice([kind, kind, lists()["street_kinds"][kind]])
    flat = rng.choice(["", "", f", Apt {rng.randint(1, 40)}"])
    return f"{street} {kind}{flat}"


def _date(born: date, rng: random.Random) -> str:
    return rng.choice(DATES).format(born)
