"""Lab 1.3, task 2: what the shelf must show, and ways to look better than one is."""

import copy
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from helpers.check import CheckFailed, crossed
from helpers.checks import thin_class
from helpers.garments import shelf

CHECK = thin_class.treat_the_thin_class
SEEDS = (13, 1, 2) if os.environ.get("MLA_NIGHTLY") == "1" else (13,)
SEED = 13


def reader(pixels: np.ndarray, garments: Any, **settings: Any) -> Any:
    return make_pipeline(MinMaxScaler(), SVC(**settings)).fit(pixels, garments)


def answer(photos: pd.DataFrame, chosen: str = "weighed") -> dict[str, Any]:
    """Treat the shelf as the task asks; images are made by a shift to the right."""
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    learn, aside = next(folds.split(photos, photos["garment"], photos["article"]))
    train, holdout = photos.iloc[learn], photos.iloc[aside]
    kinds, grey = train["garment"], shelf.grey(train["pixels"])
    thin = kinds.value_counts().index[-1]
    made = [
        (number, np.roll(image.reshape(14, 14), step, axis=0).ravel() ^ 1)
        for number, image, kind in zip(train["photo"], grey, kinds, strict=True)
        for step in (-1, 0, 1)
        if kind == thin
    ]
    places = np.arange(len(train))[:, None]
    again = RandomOverSampler(random_state=0).fit_resample(places, kinds)[0].ravel()
    more = np.vstack([grey, *[image for _, image in made]])
    readers = {
        "untreated": reader(grey, kinds),
        "weighed": reader(grey, kinds, class_weight="balanced"),
        "resampled": reader(grey[again], kinds.iloc[again]),
        "augmented": reader(more, [*kinds, *[thin] * len(made)]),
    }
    seen = shelf.grey(holdout["pixels"])
    numbers = dict.fromkeys(readers, train["photo"].tolist())
    asked: dict[str, Any] = {"labels": [thin], "average": "macro"}
    return {
        "holdout": holdout["photo"].tolist(),
        "training": numbers | {"resampled": train["photo"].iloc[again].tolist()},
        "made": made,
        "readers": readers,
        "recalls": {
            name: recall_score(holdout["garment"], each.predict(seen), **asked)
            for name, each in readers.items()
        },
        "chosen": chosen,
    }


def probed(seed: int, given: Callable[..., Any]) -> dict[str, Any]:
    return crossed(CHECK.probe(CHECK.inputs(seed), given, None))


@pytest.fixture(scope="module")
def honest() -> dict[str, Any]:
    return probed(SEED, answer)


@pytest.fixture
def found(honest: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(honest)


def fails(found: dict[str, Any], message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        CHECK.verdict(CHECK.inputs(SEED), found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shelf_that_is_treated_passes(seed: int, honest: dict[str, Any]) -> None:
    found = honest if seed == SEED else probed(seed, answer)
    thin = shelf.drawn(seed).thin
    assert CHECK.verdict(CHECK.inputs(seed), found).startswith(f"{thin} is found in")


def test_the_shelf_is_thin_and_its_hidden_half_is_elsewhere() -> None:
    for seed in (13, 1):
        drawn = shelf.drawn(seed)
        counts = drawn.photos["garment"].value_counts(normalize=True)
        assert counts[drawn.thin] == pytest.approx(0.01, abs=0.001)
        assert set(drawn.photos.groupby("article").size()) == {2}
        assert drawn.hidden["garment"].value_counts().tolist() == [shelf.HIDDEN] * 5
        assert not {*drawn.photos["pixels"]} & {*drawn.hidden["pixels"]}
    assert not shelf.drawn(13).photos.equals(shelf.drawn(1).photos)


def test_what_is_returned_has_its_form() -> None:
    fails(probed(SEED, lambda photos: None), "a dict with the keys")
    fails(probed(SEED, lambda photos: {"chosen": "weighed"}), "a dict with the keys")
    short = {key: {"weighed": []} for key in thin_class.KEYS}
    fails(probed(SEED, lambda photos: short), "a dict with the keys")
    loose = answer(shelf.drawn(SEED).photos)
    loose["made"] = [image for _, image in loose["made"]]
    fails(probed(SEED, lambda photos: loose), "numbers, pairs or recalls that are none")


def test_a_holdout_that_is_none(found: dict[str, Any]) -> None:
    holdout = found["holdout"]
    fails(found | {"holdout": [*holdout, 999_999]}, "1 that are none, 0 twice")
    fails(found | {"holdout": [*holdout, holdout[0]]}, "0 that are none, 1 twice")
    fails(found | {"holdout": holdout[:9]}, "about a quarter of the photographs held")
    known = shelf.drawn(SEED).photos.set_index("photo")["garment"]
    thick = [each for each in holdout if known[each] != shelf.drawn(SEED).thin]
    fails(found | {"holdout": thick}, "of the thin kind, pullover held out")


def test_a_photograph_or_its_twin_on_both_sides(found: dict[str, Any]) -> None:
    photos = shelf.drawn(SEED).photos
    one = found["holdout"][0]
    found["training"]["resampled"].append(one)
    fails(found, r"1 of the holdout in training\['resampled'\]")
    found["training"]["resampled"].pop()
    found["holdout"].remove(one)
    article = photos.set_index("photo").loc[one, "article"]
    assert (photos["article"] == article).sum() == 2
    for name in ("untreated", "weighed", "augmented"):
        found["training"][name].append(one)
    fails(found, r"1 articles both in the holdout and in training\['untreated'\]")


def test_training_sets_that_are_not_what_they_are_called(found: dict[str, Any]) -> None:
    kept = found["training"]["weighed"]
    found["training"]["weighed"] = kept[1:]
    fails(found, r"each photograph outside the holdout once in training\['weighed'\]")
    found["training"]["weighed"] = [*kept, -1]
    fails(found, r"numbers of given photographs in training\['weighed'\]")
    found["training"] |= {"weighed": kept, "resampled": kept}
    fails(found, r"at least half as frequent(.|\n)+pullover 12\n")


def test_images_that_are_copies_blurs_or_of_the_holdout(found: dict[str, Any]) -> None:
    drawn, (of, image) = shelf.drawn(SEED), found["made"][0]
    rows = drawn.photos.set_index("photo")
    noise = np.random.default_rng(0).integers(256, size=196, dtype=np.uint8)
    thin = rows.index[rows["garment"] == drawn.thin]
    aside = next(number for number in thin if number in found["holdout"])
    for first, message in (
        ([of, rows.loc[of, "pixels"].hex()], "a copy"),
        ([of, drawn.hidden["pixels"][0].hex()], "a copy"),
        ([of, noise.tobytes().hex()], "a blur"),
        ([of, bytes(196).hex()], "a blur"),
        ([of, image[:-2]], "196 grey values"),
        ([aside, image], "images made of training photographs of the thin kind"),
    ):
        fails(found | {"made": [first, *found["made"][1:]]}, message)
    fails(found | {"made": [], "made_in_all": 0}, "made-up images")


def test_recalls_are_computed_anew(found: dict[str, Any]) -> None:
    found["recalls"]["augmented"] += 0.01
    fails(found, "over the holdout, .* for augmented")


def test_a_choice_must_find_more_of_what_nobody_has_seen(found: dict[str, Any]) -> None:
    fails(found | {"chosen": "untreated"}, "as chosen one of weighed, ")
    hidden = found["hidden"]
    worse = hidden | {"weighed": hidden["untreated"]}
    fails(found | {"hidden": worse}, "found in hidden photographs by 4% more")
    thin, truth = shelf.drawn(SEED).thin, shelf.drawn(SEED).hidden["garment"]
    blind = [each if each != thin else "coat" for each in hidden["untreated"]]
    feigned = {"untreated": blind, "weighed": hidden["untreated"]}
    fails(found | {"hidden": hidden | feigned}, "yours and a plain support")
    fails(found | {"hidden": worse, "chosen": "resampled"}, "has learned by weights")
    always = [thin if n % 3 else kind for n, kind in enumerate(truth)]
    fails(found | {"hidden": hidden | {"weighed": always}}, "the other kinds found")


def test_undersampling_costs_the_others_too_much() -> None:
    def dropped(photos: pd.DataFrame) -> dict[str, Any]:
        given = answer(photos, "resampled")
        train = photos.set_index("photo").loc[given["training"]["untreated"]]
        numbers = train.index.to_numpy()[:, None]
        under = RandomUnderSampler(random_state=0).fit_resample(
            numbers, train["garment"]
        )
        few = train.loc[under[0].ravel()]
        less = reader(shelf.grey(few["pixels"]), few["garment"])
        aside = photos[photos["photo"].isin(given["holdout"])]
        thin = aside["garment"] == shelf.drawn(SEED).thin
        said = less.predict(shelf.grey(aside["pixels"][thin]))
        given["recalls"]["resampled"] = float((said == shelf.drawn(SEED).thin).mean())
        given["training"]["resampled"] = few.index.tolist()
        given["readers"]["resampled"] = less
        return given

    fails(probed(SEED, dropped), "the other kinds found as often as before")
