"""The built-in Random Cut Forest: its trees, its scores, its metrics."""

import itertools
import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from localaws.algorithms import HyperparameterError, by_name, cut_tree
from tests.localaws.algorithms.conftest import UNLABELLED, as_csv

GIVEN = {"feature_dim": "2"}
NORMAL = np.random.default_rng(0).normal(size=(600, 2)).astype(np.float32)
FAR = np.array([[9, 9], [-12, 3]], np.float32)


def test_far_points_stand_out(learn) -> None:
    trained = learn("randomcutforest", GIVEN, UNLABELLED, train=as_csv(NORMAL))
    answer = trained.ask(as_csv(np.r_[NORMAL[:200], FAR]))["scores"]
    scores = np.array([one["score"] for one in answer])
    usual = scores[:200]
    assert list(answer[0]) == ["score"]
    assert (scores[200:] > usual.mean() + 3 * usual.std()).all()
    assert scores[201] > usual.max()


def test_the_documented_metrics(learn, capsys) -> None:
    test = np.r_[NORMAL[:200], FAR]
    labels = np.r_[np.zeros(200), 1, 1]
    trained = learn(
        "randomcutforest", GIVEN, train=as_csv(np.c_[np.zeros(600), NORMAL])
    )
    assert trained.code == 0
    again = learn(
        "randomcutforest",
        GIVEN,
        train=as_csv(np.c_[np.zeros(600), NORMAL]),
        test=as_csv(np.c_[labels, test]),
    )
    assert again.code == 0
    log = capsys.readouterr().out
    found = dict(re.findall(r"#test_score \(algo-1\) : \('(\w+)', (\S+)\)", log))
    assert sorted(found) == ["accuracy", "f1", "precision", "recall"]
    assert float(found["recall"]) == 1
    assert float(found["accuracy"]) > 0.95
    ((name, regex),) = again.algorithm.metrics
    assert (name, re.search(regex, log).group(1)) == ("test:f1", found["f1"])
    precision = float(found["precision"])
    assert float(found["f1"]) == pytest.approx(2 * precision / (precision + 1))
    first, second = (one.opt / "model" / "model_algo-1" for one in (trained, again))
    assert first.read_bytes() == second.read_bytes()


def test_tumours_score_higher_than_healthy_tissue(learn) -> None:
    features, healthy = load_breast_cancer(return_X_y=True)
    features = ((features - features.mean(0)) / features.std(0)).astype(np.float32)
    trained = learn(
        "randomcutforest",
        {"feature_dim": "30", "num_samples_per_tree": "128"},
        UNLABELLED,
        train=as_csv(features[healthy == 1][:250]),
    )
    rest = np.r_[features[healthy == 1][250:], features[healthy == 0]]
    truth = np.r_[np.zeros(107), np.ones(212)]
    answer = trained.ask(as_csv(rest))["scores"]
    assert roc_auc_score(truth, [one["score"] for one in answer]) > 0.9


@pytest.fixture(scope="module")
def forest() -> cut_tree.Forest:
    rows = np.r_[NORMAL[:60], NORMAL[:3]]
    return cut_tree.grow_forest(rows, 5, 63, np.random.default_rng(1))


def test_each_node_holds_what_its_children_hold(forest) -> None:
    inner = np.flatnonzero(forest["dim"] >= 0)
    left, right = forest["left"][inner], forest["right"][inner]
    mass, low, high = forest["mass"], forest["low"], forest["high"]
    assert np.array_equal(mass[inner], mass[left] + mass[right])
    assert np.array_equal(low[inner], np.minimum(low[left], low[right]))
    assert np.array_equal(high[inner], np.maximum(high[left], high[right]))
    dim, cut = forest["dim"][inner], forest["cut"][inner]
    assert (high[left, dim] <= cut).all()
    assert (low[right, dim] > cut).all()
    leaves = np.flatnonzero(forest["dim"] < 0)
    assert np.array_equal(low[leaves], high[leaves])
    assert mass[leaves].sum() == 5 * 63
    assert mass[leaves].max() == 2


def walk(forest: cut_tree.Forest, node: int, point: np.ndarray, depth: int) -> tuple:
    """The score of one tree, straight from the definition; (score, total is inside)."""
    low, high, mass = (forest[key][node] for key in ("low", "high", "mass"))
    if forest["dim"][node] < 0:
        if (point == low).all():
            return 1 / (depth + np.log2(mass + 1)), True, mass
        return 1 / (depth + 1), False, 0
    goes_left = point[forest["dim"][node]] <= forest["cut"][node]
    child = forest["left" if goes_left else "right"][node]
    score, inside, twins = walk(forest, child, point, depth + 1)
    if inside:
        return score, True, twins
    before = (high - low).astype(float).sum()
    after = (np.maximum(high, point) - np.minimum(low, point)).astype(float).sum()
    apart = 1 - before / after
    if apart <= 0:
        return score, True, 0
    return apart / (depth + 1) + (1 - apart) * score, False, 0


def test_scores_follow_the_definition(forest) -> None:
    points = np.r_[NORMAL[:4], NORMAL[100:140], FAR]
    expected = []
    for point in points:
        each = []
        for root in forest["roots"]:
            score, _, twins = walk(forest, root, point, 0)
            each.append(score * (1 - twins / (2 * 63)) * np.log2(64))
        expected.append(np.mean(each))
    assert np.allclose(cut_tree.score(forest, points), expected)


def test_small_data_sets_share_rows_and_large_ones_do_not() -> None:
    random = np.random.default_rng(0)
    for rows, trees in ((NORMAL[:600], 6), (NORMAL[:100], 6)):
        forest = cut_tree.grow_forest(rows, trees, 100, random)
        leaves = forest["low"][forest["dim"] < 0]
        assert len(leaves) == 600
        assert len(np.unique(leaves, axis=0)) == len(rows)


@pytest.mark.parametrize("rows", [np.ones((5, 2)), np.ones((1, 2))])
def test_rows_that_are_all_alike(rows) -> None:
    forest = cut_tree.grow_forest(rows.astype(np.float32), 3, 5, _Random())
    scores = cut_tree.score(forest, np.array([[1, 1], [2, 2]], np.float32))
    assert np.isfinite(scores).all()
    assert scores[1] > 0


class _Random(np.random.Generator):
    def __init__(self) -> None:
        super().__init__(np.random.PCG64(0))

    def choice(self, many, size, replace) -> np.ndarray:
        return np.arange(min(many, size))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"num_trees": "10"}, r"num_trees: 10 is not in \[50, 1000\]"),
        ({"num_samples_per_tree": "4096"}, "num_samples_per_tree: 4096 is not in"),
        ({"eval_metrics": '["auc"]'}, "eval_metrics: auc is not in"),
        ({"feature_dim": "20000"}, r"feature_dim: 20000 is not in \[1, 10000\]"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("randomcutforest").check(GIVEN | given)


def test_other_labels_than_0_and_1(learn) -> None:
    table = as_csv(np.c_[np.arange(600), NORMAL])
    trained = learn("randomcutforest", GIVEN, train=table, test=table)
    assert trained.code == 2
    assert "The labels of the test channel must be 0 or 1" in trained.failure


def test_batches_do_not_change_a_score(forest) -> None:
    points = np.array(list(itertools.product(range(-9, 9), repeat=2)), np.float32)
    whole = cut_tree.score(forest, points)
    assert np.allclose(whole[:3], cut_tree.score(forest, points[:3]))
