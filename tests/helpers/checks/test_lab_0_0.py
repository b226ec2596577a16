"""The checks of lab 0.0: right answers pass on any seed, wrong ones are told why.

The evidence is made up, or what simple answers leave on the endpoint.
"""

from runpy import run_path

import pytest
from sklearn.metrics import roc_auc_score

from helpers.check import CheckFailed
from helpers.checks import lab_0_0
from helpers.samples import sample
from tests.helpers.checks.first_lab import (
    BUCKET,
    CHECKS,
    DAY,
    INPUTS,
    SEED,
    found,
    month,
)


@pytest.fixture(scope="module")
def flights():
    return month()


@pytest.fixture(scope="module")
def artefact(flights):
    """Scores of the reference model for the days held back."""
    script = run_path(str(sample(lab_0_0.SCRIPT)))
    known = flights.dropna(subset="arr_delay")
    model = script["learn"](
        known.query("day < @DAY"), ["carrier", "origin", "hour", "distance"]
    )
    return script["predict_fn"](known.query("day >= @DAY"), model)


def test_the_lab_has_the_checks_of_its_tasks():
    assert [*CHECKS] == ["land_the_month", "train_a_first_model", "score_one_day"]


def test_one_seed_draws_one_case_for_all_tasks():
    cases = [check.inputs(SEED) for check in CHECKS.values()]
    assert cases[0] == cases[1] == cases[2]
    drawn = [lab_0_0.drawn(seed) for seed in range(200)]
    assert {case["month"] for case in drawn} == set(range(3, 13))
    assert {case["day"] for case in drawn} == set(range(15, 22))
    assert len({case["bucket"] for case in drawn}) == 200


class TestLandTheMonth:
    def land(self, aws, flights, key="flights/a.csv", **encryption):
        def answer(month, bucket):
            aws("s3").create_bucket(Bucket=bucket)
            body = flights.to_csv(index=False)
            aws("s3").put_object(Bucket=bucket, Key=key, Body=body, **encryption)
            return key

        return CHECKS["land_the_month"](SEED, answer, aws)

    def refused(self, *arguments, **more):
        with pytest.raises(CheckFailed) as failure:
            self.land(*arguments, **more)
        return failure.value

    def test_the_whole_month_under_a_kms_key_passes(self, aws, flights):
        said = self.land(aws, flights, ServerSideEncryption="aws:kms")
        assert f"{len(flights):,} flights" in said

    def test_the_default_encryption_is_not_what_was_asked(self, aws, flights):
        failure = self.refused(aws, flights)
        assert failure.found == "HeadObject says AES256"
        assert "ServerSideEncryption" in failure.look

    def test_a_dropped_row_is_counted(self, aws, flights):
        failure = self.refused(aws, flights.iloc[1:], ServerSideEncryption="aws:kms")
        assert failure.found == f"{len(flights) - 1:,} rows"

    def test_another_row_in_its_place_is_weighed(self, aws, flights):
        doubled = flights.copy()
        doubled.iloc[0] = doubled.loc[doubled["distance"].idxmax()]
        failure = self.refused(aws, doubled, ServerSideEncryption="aws:kms")
        assert "miles" in failure.found

    def test_a_lost_column_is_named(self, aws, flights):
        short = flights.drop(columns="tailnum")
        failure = self.refused(aws, short, ServerSideEncryption="aws:kms")
        assert "19 columns" in failure.asked

    def test_the_key_has_its_place(self, aws, flights):
        failure = self.refused(
            aws, flights, key="a.csv", ServerSideEncryption="aws:kms"
        )
        assert failure.found == "'a.csv'"

    @pytest.mark.parametrize("returned", [None, "flights/nothing.csv", 7])
    def test_a_key_that_names_nothing_is_said_back(self, aws, bucket, returned):
        inputs = {**INPUTS, "bucket": bucket}
        check = CHECKS["land_the_month"]
        evidence = check.probe(inputs, lambda month, bucket: returned, aws)
        assert repr(returned) in str(found("land_the_month", evidence))

    def test_an_unsolved_task_says_so_itself(self, aws):
        def answer(month, bucket):
            raise NotImplementedError

        with pytest.raises(NotImplementedError):
            CHECKS["land_the_month"](SEED, answer, aws)


class TestTrainAFirstModel:
    @pytest.fixture
    def evidence(self, artefact):
        return {
            "job": "one-month",
            "status": "Completed",
            "reason": "",
            "train": f"s3://{BUCKET}/flights/",
            "before_day": str(DAY),
            "scripts": [lab_0_0._given()],
            "scores": artefact,
        }

    def test_the_reference_passes(self, evidence):
        assert "AUC 0.7" in CHECKS["train_a_first_model"].verdict(INPUTS, evidence)

    @pytest.mark.parametrize(
        ("wrong", "asked", "said"),
        [
            ({"status": "Failed", "reason": "AlgorithmError: no"}, "Completed", "no"),
            ({"status": "InProgress"}, "Completed", "InProgress"),
            ({"train": "s3://elsewhere/"}, f"s3://{BUCKET}/flights/", "elsewhere"),
            ({"train": ""}, "channel train", "no channel train"),
            ({"scripts": ["0" * 64]}, "given script", "none of them"),
            ({"before_day": ""}, "before-day", "it learned every day"),
            ({"before_day": "32"}, "before-day", "32"),
        ],
    )
    def test_what_is_wrong_is_named(self, evidence, wrong, asked, said):
        failure = found("train_a_first_model", evidence | wrong)
        assert asked in failure.asked
        assert said in failure.found

    def test_a_model_that_gives_one_number_is_no_model(self, evidence):
        evidence["scores"] = [0.237] * len(evidence["scores"])
        failure = found("train_a_first_model", evidence)
        assert failure.found == "0.500"
        assert "constant" in failure.asked

    @pytest.mark.parametrize("returned", [None, "no-such-job"])
    def test_a_name_that_names_no_job_is_said_back(self, aws, returned):
        check = CHECKS["train_a_first_model"]
        evidence = check.probe(INPUTS, lambda bucket, day: returned, aws)
        assert str(returned) in found("train_a_first_model", evidence).found


class TestScoreOneDay:
    @pytest.fixture
    def evidence(self, artefact, flights):
        later = flights.dropna(subset="arr_delay").query("day >= @DAY")
        of_day = (later["day"] == DAY).to_numpy()
        scores = [s for s, ours in zip(artefact, of_day, strict=True) if ours]
        late = later["arr_delay"][of_day] > 15
        return {
            "job": "one-month",
            "returned": ["auc", "scores"],
            "scores": scores,
            "auc": roc_auc_score(late, scores),
            "endpoints": [],
            "artefact": artefact,
        }

    def test_the_reference_passes(self, evidence):
        said = CHECKS["score_one_day"].verdict(INPUTS, evidence)
        assert said.startswith(f"{len(evidence['scores'])} flights")

    def test_a_forged_auc_is_computed_again(self, evidence):
        failure = found("score_one_day", evidence | {"auc": 0.99})
        assert failure.found == "0.99"

    @pytest.mark.parametrize("auc", [None, "0.7", True])
    def test_an_auc_that_is_no_number_is_refused(self, evidence, auc):
        assert "AUC" in found("score_one_day", evidence | {"auc": auc}).asked

    def test_constant_scores_are_not_those_of_the_artefact(self, evidence):
        constant = [0.5] * len(evidence["scores"])
        failure = found("score_one_day", evidence | {"scores": constant, "auc": 0.5})
        assert "artefact" in failure.asked

    def test_scores_in_another_order_are_not_the_artefacts(self, evidence):
        turned = evidence["scores"][::-1]
        assert "order" in found("score_one_day", evidence | {"scores": turned}).look

    def test_a_constant_artefact_does_not_beat_a_constant(self, evidence, flights):
        evidence |= {
            "scores": [0.5] * len(evidence["scores"]),
            "artefact": [0.5] * len(evidence["artefact"]),
            "auc": 0.5,
        }
        assert "constant" in found("score_one_day", evidence).asked

    def test_a_missing_score_is_counted(self, evidence):
        failure = found("score_one_day", evidence | {"scores": evidence["scores"][1:]})
        assert failure.found == str(len(evidence["scores"]) - 1)

    @pytest.mark.parametrize("bad", [1.5, -0.1, "0.2", None])
    def test_a_score_outside_its_range_is_refused(self, evidence, bad):
        scores = [bad, *evidence["scores"][1:]]
        assert "0 to 1" in found("score_one_day", evidence | {"scores": scores}).asked

    def test_an_endpoint_left_running_is_named(self, evidence):
        failure = found("score_one_day", evidence | {"endpoints": ["one-month"]})
        assert failure.found == "one-month"
        assert "delete_endpoint" in failure.look

    def test_another_shape_is_said_back(self, evidence):
        failure = found("score_one_day", evidence | {"returned": "[0.1, 0.2]"})
        assert failure.found == "[0.1, 0.2]"

    def test_without_a_job_the_second_task_comes_first(self, aws):
        check = CHECKS["score_one_day"]
        evidence = check.probe(INPUTS, lambda job, month, day: {}, aws)
        assert "task 2" in found("score_one_day", evidence).look
