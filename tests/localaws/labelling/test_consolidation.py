import random

import pytest

from localaws.labelling.consolidation import consolidate, majority
from localaws.labelling.pool import choose, pool

KINDS = ("fog", "ice", "wind", "none")


def case(seed, objects=150, workers=5, careless=0.3):
    people = pool(seed, 30, careless)
    drawn = random.Random(seed)
    truth = [drawn.choice(KINDS) for _ in range(objects)]
    votes = [
        {
            one.worker_id: one.label(f"{n}", true, KINDS)
            for one in choose(people, f"{n}", seed)[:workers]
        }
        for n, true in enumerate(truth)
    ]
    return people, truth, votes


def share(answers, truth):
    return sum(a == b for a, b in zip(answers, truth, strict=True)) / len(truth)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_right_more_often_than_most_votes(seed):
    _, truth, votes = case(seed)
    found = consolidate(votes, KINDS)
    best = share([found.best(n)[0] for n in range(len(truth))], truth)
    single = share([next(iter(one.values())) for one in votes], truth)
    most = share([majority(one) for one in votes], truth)
    assert single < most <= best


def test_it_finds_who_is_careless():
    people, _, votes = case(1)
    found = consolidate(votes, KINDS)

    def diagonal(worker):
        matrix = found.confusion[worker.worker_id]
        return sum(matrix[kind][kind] for kind in KINDS) / len(KINDS)

    careless = [diagonal(one) for one in people if one.careless]
    careful = [diagonal(one) for one in people if not one.careless]
    assert max(careless) < sorted(careful)[len(careful) // 3]


def test_confidence_is_a_probability_that_means_something():
    _, truth, votes = case(2, workers=3)
    found = consolidate(votes, KINDS)
    right = {True: [], False: []}
    for n, true in enumerate(truth):
        label, sure = found.best(n)
        assert sum(found.posteriors[n].values()) == pytest.approx(1)
        right[sure > 0.9].append(label == true)
    rate = {kind: sum(one) / len(one) for kind, one in right.items()}
    assert rate[True] > 0.9 > rate[False]


def test_all_who_agree_are_believed():
    votes = [{"ana": "ice", "bo": "ice"}, {"ana": "fog", "bo": "fog"}] * 5
    found = consolidate(votes, ("fog", "ice"))
    assert [found.best(n)[0] for n in range(4)] == ["ice", "fog", "ice", "fog"]
    assert found.best(0)[1] > 0.95


def test_one_against_two_good_ones_is_outvoted_and_not_ignored():
    agreed = [{w: kind for w in "abc"} for kind in ("fog", "ice") * 5]
    found = consolidate([*agreed, {"a": "fog", "b": "fog", "c": "ice"}], ("fog", "ice"))
    label, sure = found.best(10)
    assert label == "fog"
    assert 0.5 < sure < found.best(0)[1]


def test_nothing_to_consolidate_is_nothing():
    assert consolidate([], KINDS).posteriors == []


def test_the_first_of_several_most_frequent_answers_wins():
    assert majority({"a": "ice", "b": "fog"}) == "ice"
    assert majority({"a": "ice", "b": "fog", "c": "fog"}) == "fog"
