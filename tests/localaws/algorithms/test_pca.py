"""The built-in PCA against scikit-learn."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA, TruncatedSVD

from localaws.algorithms import HyperparameterError, by_name, recordio
from tests.localaws.algorithms.conftest import RECORDIO

WINE = load_wine().data.astype(np.float32)
GIVEN = {"feature_dim": "13", "mini_batch_size": "50", "num_components": "3"}
RANDOM = {"algorithm_mode": "randomized", "extra_components": "5"}


def projected(trained) -> np.ndarray:
    answer = trained.ask(recordio.encode(WINE), RECORDIO)["projections"]
    return np.array([one["projection"] for one in answer])


@pytest.mark.parametrize("options", [{}, RANDOM], ids=["regular", "randomized"])
def test_projections_are_the_librarys_own_from_small_to_large(learn, options) -> None:
    trained = learn("pca", GIVEN | options, RECORDIO, train=recordio.encode(WINE))
    solver = "randomized" if options else "full"
    own = PCA(3, svd_solver=solver, n_oversamples=5 if options else 10, random_state=0)
    expected = own.fit_transform(WINE.astype(float))[:, ::-1]
    assert np.allclose(projected(trained), expected, atol=1e-2, rtol=1e-4)
    model = trained.load()
    assert np.allclose(model["s"], own.singular_values_[::-1])
    assert np.allclose(model["mean"][0], WINE.mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("options", [{}, RANDOM], ids=["regular", "randomized"])
def test_without_the_mean_it_is_a_singular_value_decomposition(learn, options) -> None:
    options = options | {"subtract_mean": "false"}
    trained = learn("pca", GIVEN | options, RECORDIO, train=recordio.encode(WINE))
    own = TruncatedSVD(3, algorithm="arpack", random_state=0)
    expected = own.fit_transform(WINE.astype(float))[:, ::-1]
    assert np.allclose(np.abs(projected(trained)), np.abs(expected), atol=1e-1)
    assert not trained.load()["mean"].any()


def test_all_components_lose_nothing(learn, capsys) -> None:
    trained = learn(
        "pca",
        GIVEN | {"num_components": "13"},
        RECORDIO,
        train=recordio.encode(WINE),
        test=recordio.encode(WINE[:20]),
    )
    assert trained.code == 0
    error = re.search(
        r"test reconstruction_error <loss>=(\S+)", capsys.readouterr().out
    )
    assert float(error.group(1)) == pytest.approx(0, abs=1e-2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"num_components": "14"}, "num_components: 14 is more than feature_dim, 13"),
        ({"algorithm_mode": "exact"}, "algorithm_mode: exact is not in"),
        ({"extra_components": "-2"}, "extra_components: -2 is not in"),
        ({"subtract_mean": "maybe"}, "subtract_mean: could not parse"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("pca").check(GIVEN | given)


def test_fewer_rows_than_components(learn) -> None:
    trained = learn("pca", GIVEN, RECORDIO, train=recordio.encode(WINE[:2]))
    assert trained.code == 2
    assert "The train channel has 2 rows, num_components is 3" in trained.failure
