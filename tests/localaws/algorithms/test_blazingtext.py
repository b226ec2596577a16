"""The built-in BlazingText: bags of words, accuracy, formats."""

import json
import re

import numpy as np
import pytest
from sklearn.datasets import load_digits

from localaws.algorithms import HyperparameterError, InferenceError, by_name
from localaws.algorithms.bag_of_words import Bag

GIVEN = {"mode": "supervised"}
SMALL = GIVEN | {"vector_dim": "10", "min_count": "1", "epochs": "40"}
DIGITS, DIGIT = load_digits(return_X_y=True)
FLIGHTS = """
__label__late the flight left late again
__label__late very late and no crew
__label__late late once more said the crew
__label__early the flight left early today
__label__early early and a happy crew
__label__early so early once more
""".strip()


def spelled(rows: np.ndarray, labels: np.ndarray) -> str:
    """Each image as a sentence: the names of its dark pixels."""
    return "".join(
        f"__label__{label} {' '.join(f'p{one}' for one in np.flatnonzero(row > 8))}\n"
        for row, label in zip(rows, labels, strict=True)
    )


def test_digits_are_told_by_their_pixels(learn, capsys) -> None:
    trained = learn(
        "blazingtext",
        GIVEN | {"vector_dim": "20"},
        "text/plain",
        train=spelled(DIGITS[:1400], DIGIT[:1400]),
        validation=spelled(DIGITS[1400:], DIGIT[1400:]),
    )
    assert trained.code == 0
    log = capsys.readouterr().out
    ((name, regex),) = trained.algorithm.metrics
    accuracy = float(re.search(regex, log).group(1))
    assert name == "validation:accuracy"
    assert accuracy > 0.84
    assert float(re.search(r"#train_accuracy: (\S+)", log).group(1)) > accuracy
    assert "Number of train examples: 1400" in log
    assert "Number of validation examples: 397" in log


def test_the_documented_answers(learn) -> None:
    trained = learn("blazingtext", SMALL, None, train=FLIGHTS)
    sentences = ["very late again", "so early today"]
    answer = trained.ask(json.dumps({"instances": sentences}), "application/json")
    assert [one["label"] for one in answer] == [["__label__late"], ["__label__early"]]
    assert all(one["prob"][0] > 0.5 for one in answer)
    request = {"instances": sentences[:1], "configuration": {"k": 2}}
    (both,) = trained.ask(json.dumps(request), "application/json")
    assert both["label"] == ["__label__late", "__label__early"]
    assert sum(both["prob"]) == pytest.approx(1)
    lines = '{"source": "late"}\n{"source": "early", "k": 2}\n'
    body, kind = trained.algorithm.predict(
        trained.load(), lines.encode(), "application/jsonlines", ""
    )
    first, second = (json.loads(line) for line in body.splitlines())
    assert kind == "application/jsonlines"
    assert first["label"] == ["__label__late"]
    assert second["label"] == ["__label__early", "__label__late"]


def test_the_order_of_words_counts_with_ngrams(learn) -> None:
    lines = "__label__1 a b\n__label__2 b a\n" * 20
    for ngrams, sure in (("1", False), ("2", True)):
        options = SMALL | {"word_ngrams": ngrams}
        trained = learn("blazingtext", options, None, train=lines)
        (one,) = trained.ask('{"instances": ["a b"]}', "application/json")
        assert (one["prob"][0] > 0.8) == sure


def test_several_labels_a_line(learn, capsys) -> None:
    lines = "__label__x __label__y both\n__label__x one\n__label__y two\n" * 20
    trained = learn("blazingtext", SMALL, None, train=lines)
    assert trained.code == 0
    assert "#train_accuracy: 1.0000" in capsys.readouterr().out


def test_training_stops_early(learn, capsys) -> None:
    options = {"early_stopping": "True", "patience": "2", "min_epochs": "3"}
    trained = learn(
        "blazingtext",
        SMALL | options | {"epochs": "100"},
        None,
        train=FLIGHTS,
        validation=FLIGHTS,
    )
    assert trained.code == 0
    assert 3 <= capsys.readouterr().out.count("Epoch: ") < 100


def test_a_bag_of_words() -> None:
    sentences = [["a", "b", "a"], ["a", "c"]]
    bag = Bag.of(sentences, 1, 1, 10)
    assert bag.matrix(sentences).toarray().tolist() == [
        pytest.approx([2 / 3, 1 / 3, 0]),
        [0.5, 0, 0.5],
    ]
    assert bag.matrix([["unknown"], []]).nnz == 0
    assert Bag.of(sentences, 2, 1, 10).count_words() == 1
    pairs = Bag.of(sentences, 1, 2, 1)
    assert (pairs.count_words(), len(pairs.columns)) == (3, 4)
    again = Bag.restored(pairs.arrays())
    assert (again.matrix(sentences) != pairs.matrix(sentences)).nnz == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"mode": "skipgram"},
            "mode=skipgram is not honoured .*: Word2Vec is not in it",
        ),
        ({"learning_rate": "0"}, "learning_rate: 0.0 is not in"),
        ({"early_stopping": "yes"}, "early_stopping: could not parse"),
        ({"subwords": "True"}, "Extraneous hyperparameter found: subwords"),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("blazingtext").check(GIVEN | given)


@pytest.mark.parametrize(
    ("kind", "channels", "message"),
    [
        (None, {"validation": FLIGHTS}, "Missing required channel: train"),
        (None, {"train": "late again"}, "Line 1 of file 'part' has no label"),
        (None, {"train": "\n"}, "No data in train channel"),
        (None, {"train": "__label__a b"}, "No word of the train channel occurs"),
        (None, {"train": "__label__a b\n" * 5}, "has one label, __label__a"),
        (None, {"train": FLIGHTS, "test": FLIGHTS}, "Extraneous channel found: test"),
        ("text/csv", {"train": FLIGHTS}, "text/csv is not an accepted ContentType"),
    ],
)
def test_mistakes_are_client_errors(learn, kind, channels, message) -> None:
    trained = learn("blazingtext", GIVEN, kind, **channels)
    assert trained.code == 2
    assert trained.failure.startswith("ClientError: ")
    assert message in trained.failure


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"late", "text/csv", 415),
        (b"late", "application/json", 400),
        (b'{"instances": []}', "application/json", 400),
        (b'{"instances": [1]}', "application/json", 400),
        (b'{"text": "late"}', "application/jsonlines", 400),
    ],
)
def test_requests_that_are_refused(learn, body, kind, status) -> None:
    trained = learn("blazingtext", SMALL, None, train=FLIGHTS)
    with pytest.raises(InferenceError) as caught:
        trained.algorithm.predict(trained.load(), body, kind, "")
    assert caught.value.status == status
