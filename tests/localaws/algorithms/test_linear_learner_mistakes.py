"""What the built-in Linear Learner refuses, and what it fills in."""

import pytest

from localaws.algorithms import HyperparameterError, by_name

BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": "50"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"predictor_type": "ranker"}, "predictor_type: ranker is not in"),
        ({"predictor_type": "multiclass_classifier"}, "num_classes is required"),
        ({"num_classes": "2"}, r"num_classes: 2 is not in \[3, 1e\+06\]"),
        ({"loss": "hinge_loss"}, "loss=hinge_loss is not honoured by the local form"),
        ({"loss": "squared_loss"}, "loss: squared_loss is not in .* binary_classifier"),
        ({"optimizer": "rmsprop"}, "optimizer=rmsprop is not honoured"),
        ({"l1": "0.1"}, "l1=0.1 is not honoured"),
        ({"use_bias": "false"}, "use_bias=false is not honoured"),
        ({"init_method": "normal"}, "init_method is not honoured"),
        ({"momentum": "1"}, r"momentum: 1.0 is not in \[0, 1\)"),
        ({"positive_example_weight_mult": "0"}, "0.0 is not in balanced or"),
        ({"wd": "-1"}, "wd: -1.0 is not in"),
        (
            {"epoch": "3"},
            r"Extraneous hyperparameter found: epoch \(did you mean epochs",
        ),
    ],
)
def test_hyperparameters_that_are_refused(given, message) -> None:
    with pytest.raises(HyperparameterError, match=message):
        by_name("linear-learner").check(BINARY | given)


def test_what_auto_and_the_tuner_give() -> None:
    given = {"wd": "auto", "learning_rate": "auto", "feature_dim": "auto"}
    tuned = {"_tuning_objective_metric": "validation:objective_loss"}
    values = by_name("linear-learner").check(BINARY | given | tuned)
    assert [values[name] for name in given] == [None, None, None]


@pytest.mark.parametrize(
    ("options", "train", "message"),
    [
        ({}, "1,2\n0,3\n", "No training data processed. Either the training channel"),
        (
            {"mini_batch_size": "1"},
            "1,2\n2,3\n",
            "labels of a binary_classifier must be whole numbers from 0 to 1; row 2",
        ),
        (
            {
                "mini_batch_size": "1",
                "learning_rate": "1e300",
                "predictor_type": "regressor",
            },
            "1,2\n2,3\n3,9\n",
            "The training diverged",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_mistakes_in_the_data(learn, options, train, message) -> None:
    trained = learn("linear-learner", BINARY | options, train=train)
    assert trained.code == 2
    assert message in trained.failure
