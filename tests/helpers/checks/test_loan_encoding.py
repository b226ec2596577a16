"""Lab 1.2, task 2: one encoder on both sides; each wrong one has its message.

The script of the lab runs here, in the place of the job and of the endpoint.
"""

import io
import json
from functools import cache
from runpy import run_path

import numpy as np
import pytest
from botocore.exceptions import ClientError
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from threadpoolctl import threadpool_limits

from helpers.check import CheckFailed, checks_of
from helpers.checks import loan_encoding
from helpers.loans import book, desk
from helpers.samples import sample

CHECK = checks_of("lab_1_2")["encode_once"]
PATH = sample("scripts/loans/rate.py")
SCRIPT = run_path(str(PATH))
WORDS = [
    *desk.WORDS,
    "state",
    "issue_month",
    "initial_listing_status",
    "disbursement_method",
]
RAN = {"name": "desk", "job": "desk", "endpoint": "desk", "status": "Completed"}
UNKNOWN = {"handle_unknown": "use_encoded_value", "unknown_value": -1}


def encoder(words=None, scaler=None, more=(), less=()):
    """An encoder that passes, or something else in the place of a part of it."""
    known = desk.arriving(desk.draw(13).train)
    numbers = [*known.select_dtypes("number")]
    named = [n for n in [*WORDS, *more] if n not in less]
    none = SimpleImputer(
        strategy="constant", fill_value="none", keep_empty_features=True
    )
    words = words or OneHotEncoder(handle_unknown="ignore")
    scaler = scaler or MinMaxScaler()
    return make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), scaler), numbers),
        (make_pipeline(none, words), named),
    )


class Constant:
    """Predicts the mean; a model costs a second, and most answers need none."""

    def predict(self, vectors):
        return np.full(len(vectors), 12.4)


class Endpoint:
    """Clients of an endpoint that serves an encoder by the script of the lab."""

    def __init__(self, encoder, model, *, again):
        self.encoder, self.model, self.again = encoder, model, again

    def __call__(self, _service):
        return self

    def describe_endpoint(self, **_):
        return {"EndpointName": "desk", "EndpointStatus": "InService"}

    def invoke_endpoint(self, *, Body, ContentType, **_):
        rows = SCRIPT["input_fn"](Body, ContentType)
        kinds = kinds_of(desk.draw(13).train)
        encoder = self.encoder
        try:
            if self.again:
                encoder = clone(encoder).fit(SCRIPT["typed"](rows, kinds))
            parts = {"encoder": encoder, "model": self.model, "kinds": kinds}
            answer = SCRIPT["predict_fn"](rows, parts)
        except ValueError as error:
            told = {"Error": {"Code": "ModelError", "Message": str(error)}}
            raise ClientError(told, "InvokeEndpoint") from error
        text, _ = SCRIPT["output_fn"](answer, "application/json")
        return {"Body": io.BytesIO(text.encode())}


def kinds_of(loans):
    return dict.fromkeys(loans.select_dtypes("number"), "float64")


def evidence(fitted, model=None, *, served=None, again=False, seed=13):
    """What the probe finds of an encoder in a job, and of one at an endpoint."""
    train = desk.draw(seed).train
    rows = SCRIPT["typed"](train.drop(columns=book.TARGET), kinds_of(train))
    made = SCRIPT["vectors"](fitted, rows)
    learned = {
        "vectors": loan_encoding._finite(made[: SCRIPT["SHOWN"]].tolist()),
        "range": loan_encoding._finite([made.min(axis=0), made.max(axis=0)]),
    }
    aws = Endpoint(served or fitted, model or Constant(), again=again)
    job = {"name": "desk", "job": "desk-1"}
    job |= {"status": "Completed", "reason": "", "learned": learned}
    return json.loads(json.dumps(job | loan_encoding._answers("desk", seed, aws)))


def refused(found):
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(CHECK.inputs(13), found)
    return failure.value


@cache
def fitted(seed=13):
    return encoder().fit(desk.draw(seed).train)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_encoder_passes_with_an_error_near_that_of_the_reference(seed):
    train = desk.draw(seed).train
    model = HistGradientBoostingRegressor(
        max_iter=150, max_leaf_nodes=15, learning_rate=0.08, random_state=0
    )
    # Two threads wait for each other where other processes have the cores.
    with threadpool_limits(1):
        model.fit(SCRIPT["vectors"](fitted(seed), train), train[book.TARGET])
    found = evidence(fitted(seed), model, seed=seed)
    assert "the same in the job and at the" in CHECK.verdict(CHECK.inputs(seed), found)
    error = loan_encoding._rmse(seed, found["rates"])
    assert error == pytest.approx(3.67, abs=0.1)


def test_a_constant_does_not_pass():
    failure = refused(evidence(fitted()))
    assert 4.7 < float(failure.found) < 5.3
    assert "at most 3.85" in failure.asked


def test_a_column_from_the_future_is_missing_at_the_endpoint():
    leaking = encoder(more=["grade"]).fit(desk.draw(13).train)
    failure = refused(evidence(leaking))
    assert failure.look == "grade: not known when an application arrives"


def test_an_unseen_word_without_a_number_is_no_vector():
    words = OrdinalEncoder(**UNKNOWN | {"unknown_value": np.nan})
    failure = refused(
        evidence(encoder(make_pipeline(words, MinMaxScaler())).fit(desk.draw(13).train))
    )
    assert "also where a word was never seen" in failure.asked
    assert failure.found.startswith("NaN in 1 of its ")


def test_an_unseen_word_that_raises_is_told():
    strict = encoder(OneHotEncoder()).fit(desk.draw(13).train)
    failure = refused(evidence(strict))
    assert failure.found.startswith("for one with a word that no loan has")
    assert "unknown categories" in failure.found


def test_a_gap_without_a_number_is_no_vector():
    known = [n for n in desk.arriving(desk.draw(13).train).select_dtypes("number")]
    whole = [n for n in known if not desk.draw(13).train[n].isna().any()]
    words = OneHotEncoder(handle_unknown="ignore")
    holed = make_column_transformer((MinMaxScaler(), whole), (words, desk.WORDS))
    failure = refused(evidence(holed.fit(desk.draw(13).train)))
    assert "also where a gap was never seen" in failure.asked


def test_columns_with_gaps_are_counted():
    words = OneHotEncoder(handle_unknown="ignore")
    holed = make_column_transformer(
        (MinMaxScaler(), ["months_since_last_delinq"]), (words, desk.WORDS)
    )
    drawn = desk.draw(13)
    usual = desk.arriving(drawn.hidden)[:1]["months_since_last_delinq"]
    failure = refused(evidence(holed.fit(drawn.train)))
    assert "NaN" in failure.found
    assert usual.isna().any() or "of 3,330 hidden loans" in failure.found


def test_an_encoder_that_is_fitted_again_on_the_rows_of_a_request_is_caught():
    words = make_pipeline(OrdinalEncoder(**UNKNOWN), MinMaxScaler())
    once = encoder(words).fit(desk.draw(13).train)
    failure = refused(evidence(once, again=True))
    assert "asked alone or among others" in failure.asked
    assert "fitted again on the rows of the request" in failure.look


def test_one_hot_fitted_again_has_another_length():
    failure = refused(evidence(fitted(), again=True))
    assert "vectors of one length" in failure.asked


def test_another_encoder_at_the_endpoint_is_caught():
    hidden = encoder(make_pipeline(OrdinalEncoder(**UNKNOWN), MinMaxScaler()))
    once = clone(hidden).fit(desk.draw(13).train)
    failure = refused(evidence(once, served=hidden.fit(desk.draw(13).hidden)))
    assert "in the training job and at the endpoint" in failure.asked


def test_what_one_loan_stretches_is_not_between_the_bounds():
    wide = encoder(scaler=StandardScaler()).fit(desk.draw(13).train)
    failure = refused(evidence(wide))
    assert "between -10 and 10" in failure.asked


@pytest.mark.parametrize("name", desk.WORDS)
def test_a_word_that_is_left_out_is_named(name):
    short = encoder(less=[name]).fit(desk.draw(13).train)
    failure = refused(evidence(short))
    assert failure.asked == f"a vector that tells one {name} from another"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"returned": "None"}, "None"),
        ({"job": "desk"}, "no such job"),
        ({"job": "desk", "status": "Failed", "reason": "no encoder"}, "no encoder"),
        (RAN | {"learned": None}, "none"),
        (RAN | {"learned": {}, "state": "none"}, "none"),
        (RAN | {"name": "other"}, "desk, desk"),
    ],
)
def test_what_did_not_run_is_said(found, said):
    assert said in refused(found).found
