"""Data science steps on categories and text: one-hot, mapping, tokens."""

import re
from typing import Any

import pandas as pd

from localaws.brew.casting import numbers
from localaws.brew.errors import BrewError, NotActed
from localaws.brew.frames import missing, strings
from localaws.brew.step import Step

_MOST_VALUES = 10
_STOP_WORDS = """
a about above after again against all am an and any are as at be because been before
being below between both but by can did do does doing down during each few for from
further had has have having he her here hers herself him himself his how i if in into is
it its itself just me more most my myself no nor not now of off on once only or other
our ours ourselves out over own same she should so some such than that the their theirs
them themselves then there these they this those through to too under until up very was
we were what when where which while who whom why will with you your yours yourself
yourselves"""


def one_hot_encoding(step: Step) -> pd.DataFrame:
    """ONE_HOT_ENCODING: a column of 0 and 1 for each value, of ten at most.

    The columns come in the order of the values; a missing value has none.
    """
    words = step.words.where(~missing(step.source), None)
    values = sorted(words.dropna().unique())
    if len(values) > _MOST_VALUES:
        raise BrewError(
            f"Column {step.name!r} has {len(values)} distinct values. ONE_HOT_ENCODING "
            f"takes columns with at most {_MOST_VALUES}."
        )
    made = {f"{step.name}_{one}": (words == one).astype("Int32") for one in values}
    for name in made:
        if name in step.frame.columns:
            raise BrewError(f"Column {name!r} already exists.")
    return step.frame.assign(**made)


def categorical_mapping(step: Step) -> pd.DataFrame:
    """CATEGORICAL_MAPPING: values by a table; the others stay, get one, or go."""
    table = step.json("categoryMap")
    if not isinstance(table, dict):
        raise BrewError("categoryMap must be a JSON object.")
    numeric = step.choice("mapType", "NUMERIC", "TEXT", default="TEXT") == "NUMERIC"
    words = step.words
    known = words.isin(list(table)).astype(bool)
    mapped: pd.Series = words.map(lambda v: None if v is None else table.get(v))
    if step.flag("deleteOtherRows"):
        kept = step.new(mapped.astype(object))[known]
    else:
        others: Any = step.given.get("other")
        if others is None and step.flag("keepOthers"):
            others = words
        kept = step.new(mapped.astype(object).where(known, others))
    target = step.text("targetColumn")
    found = strings((None if pd.isna(v) else str(v) for v in kept[target]), kept.index)
    if not numeric:
        return kept.assign(**{target: found})
    turned = numbers(found)
    whole = turned.dropna() == turned.dropna().round()
    return kept.assign(**{target: turned.astype("Int32") if whole.all() else turned})


def tokenization(step: Step) -> pd.DataFrame:
    """TOKENIZATION: words, without stop words, put together with a delimiter."""
    if step.given.get("stemmingMode", "NONE") != "NONE":
        raise NotActed(f"stemmingMode {step.given['stemmingMode']}", "stems each word")
    if step.given.get("expandContractions", "DISABLED") == "ENABLED":
        raise NotActed("expandContractions", "turns don't into do not")
    stop: set[str] = set()
    if step.given.get("stopWordRemovalMode", "NONE") != "NONE":
        custom = (
            step.listed("customStopWords") if step.given.get("customStopWords") else ()
        )
        stop = {str(one).lower() for one in custom} or set(_STOP_WORDS.split())
    delimiter = step.text("delimiter", " ")

    def turn(text: str) -> str:
        found = re.findall(r"[\w']+", text)
        return delimiter.join(one for one in found if one.lower() not in stop)

    words = step.words
    return step.new(
        strings((None if v is None else turn(v) for v in words), words.index)
    )
