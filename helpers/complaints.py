"""Complaints that passengers might have written, generated from a seed.

The sentences stand in `data/complaints.yaml`; they are the course's own, and no
person stands behind them. Each complaint is about one topic. Some mention a second
in passing, and many are mistyped, as real ones are.
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.samples import sample

PARTS = Path(__file__).resolve().parents[1] / "data" / "complaints.yaml"
# The share of the complaints that mention a second topic.
IN_PASSING = 0.25


def complaints(count: int = 2000, seed: int = 13, slips: float = 0.08) -> pd.DataFrame:
    """Generate complaints about flights of February 2013.

    Args:
        count: how many.
        seed: draws flights, sentences and slips; the same seed gives the same texts.
        slips: the share of the longer words that are mistyped.

    Returns:
        One row a complaint: `complaint` (its number), `carrier` and `flight` that it
        is about, `text`, and `topic`, the true one, which a reader has to find.
    """
    rng = random.Random(seed)
    flights = pd.read_parquet(sample("flights_feb.parquet"))
    chosen = flights.sample(count, random_state=seed % 2**32, replace=True)
    rows = [_complaint(flight, rng, slips) for flight in chosen.to_dict("records")]
    table = pd.DataFrame(rows)
    table.insert(0, "complaint", range(1, count + 1))
    return table


@cache
def _parts() -> dict[str, Any]:
    return yaml.safe_load(PARTS.read_text(encoding="utf-8"))


def _complaint(
    flight: dict[str, Any], rng: random.Random, slips: float
) -> dict[str, Any]:
    parts = _parts()
    topic, passing = rng.sample(sorted(parts["topics"]), 2)
    said = rng.sample(parts["topics"][topic], 2)
    if rng.random() < IN_PASSING:
        said[1:] = [said[1], rng.choice(parts["topics"][passing])]
    sentences = [rng.choice(parts["openings"]), *said, rng.choice(parts["closings"])]
    words = {
        "flight": f"{flight['carrier']}{flight['flight']}",
        "dest": flight["dest"],
        "hours": rng.randint(2, 9),
        "days": rng.randint(3, 30),
        "usd": rng.randint(40, 900),
    }
    text = " ".join(sentences).format(**words)
    return {
        "carrier": flight["carrier"],
        "flight": flight["flight"],
        "text": " ".join(
            word if rng.random() > slips else _slip(word, rng) for word in text.split()
        ),
        "topic": topic,
    }


def _slip(word: str, rng: random.Random) -> str:
    """Leave out, double or swap a letter inside a word of four or more."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    first, second = word[at : at + 2]
    typed = rng.choice([second, first * 2 + second, second + first])
    return word[:at] + typed + word[at + 2 :]
