"""A table of passengers, as a booking system might hold it."""

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pandas as pd
import yaml

from helpers.passengers.numbers import card, passport, phone, ssn

LISTS = Path(__file__).resolve().parents[2] / "data" / "passengers.yaml"
TODAY = date(2013, 12, 31)
# Years of age, and how many in a hundred passengers.
AGES = {(2, 17): 8, (18, 34): 30, (35, 54): 36, (55, 69): 18, (70, 92): 8}
TRIPS = {"none": (1, 6), "silver": (5, 15), "gold": (12, 40), "platinum": (35, 90)}
# The share that asks for a wheelchair or an arm, from this age on.
ASSISTANCE = {80: 0.35, 65: 0.10, 0: 0.015}


def passengers(count: int = 2000, seed: int = 13) -> pd.DataFrame:
    """Draw passengers: the same seed gives the same ones.

    Returns:
        A row for each, with text, but for `born` (a date), `trips` (in 2013) and
        `assistance` (whether help with moving was asked for). Who is no citizen of the
        United States has no `ssn`.
    """
    return pd.DataFrame(drawn(count, seed))


def drawn(count: int, seed: int) -> list[dict[str, Any]]:
    """Draw the rows of `passengers`."""
    rng = random.Random(f"passengers {seed}")
    return [_passenger(number, rng) for number in range(1, count + 1)]


@cache
def lists() -> dict[str, Any]:
    """Read what is drawn from."""
    found = yaml.safe_load(LISTS.read_text(encoding="utf-8"))
    for name in ("first_names", "last_names", "streets"):
        found[name] = [word for line in found[name] for word in line.split(", ")]
    return found


def weighed(weights: dict[Any, int], rng: random.Random) -> Any:
    """Draw a key by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def _passenger(number: int, rng: random.Random) -> dict[str, Any]:
    found = lists()
    first, last = rng.choice(found["first_names"]), rng.choice(found["last_names"])
    city, state, code, area, _ = rng.choices(
        found["places"], [place[-1] for place in found["places"]]
    )[0]
    shares = {name: share for name, (share, _) in found["nationalities"].items()}
    nationality, tier = weighed(shares, rng), weighed(found["tiers"], rng)
    age = rng.randint(*weighed(AGES, rng))
    born = TODAY - timedelta(days=int(age * 365.25) + rng.randrange(365))
    asks = next(share for least, share in ASSISTANCE.items() if age >= least)
    house = f"{rng.randint(1, 989)} {rng.choice(found['streets'])}"
    return {
        "passenger": f"P{number:05}",
        "name": f"{first} {last}",
        "born": born,
        "nationality": nationality,
        "street": f"{house} {rng.choice(list(found['street_kinds']))}",
        "city": city,
        "state": state,
        "zip": code,
        "phone": phone(area, rng),
        "email": _email(first, last, born, rng),
        "passport": passport(found["nationalities"][nationality][1], rng),
        "ssn": ssn(rng) if nationality == "US" else None,
        "card": card(*rng.choice(found["cards"]), rng),
        "tier": tier,
        "trips": rng.randint(*TRIPS[tier]),
        "assistance": rng.random() < asks,
    }


def _email(first: str, last: str, born: date, rng: random.Random) -> str:
    # ź has a decomposition, ł has none.
    plain = normalize("NFKD", f"{first} {last}".lower().replace("ł", "l"))
    one, other = plain.encode("ascii", "ignore").decode().split()
    local = rng.choice(
        [f"{one}.{other}", f"{one[0]}{other}", f"{other}{born:%y}", f"{one}_{other}"]
    )
    return f"{local}@example.{rng.choice(['com', 'net', 'org'])}"
