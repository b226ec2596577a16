"""Lab 1.3, task 4: rules that are too strict, too lax, or not what was asked."""

import copy
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from helpers.check import CheckFailed
from helpers.checks import clinic_gate
from helpers.checks.clinic_gate import stop_the_bad_batch as CHECK
from helpers.patients import batches, delivery
from localaws import client
from localaws.daemon import Connection

SEED = 13
RIGHT = {
    "age": 'ColumnValues "age" <= 100',
    "transport": 'ColumnValues "col_rec_tat" <= 1440',
    "col_rec_tat": 'ColumnValues "col_rec_tat" >= 0',
    "rec_ver_tat": 'ColumnValues "rec_ver_tat" >= 0',
    "payor": 'IsComplete "payor_group" where "patient_class is not null"',
    "repeat": 'IsPrimaryKey "subject_id" "pan_day"',
}
STRICT = {
    "age": 'ColumnValues "age" between 0 and 100',
    "payor": 'IsComplete "payor_group"',
    "repeat": 'IsUnique "subject_id"',
}
RULESETS = {
    "right": RIGHT,
    **{f"strict-{name}": RIGHT | {name: rule} for name, rule in STRICT.items()},
    **{
        f"no-{name}": {each: RIGHT[each] for each in RIGHT if each != name}
        for name in RIGHT
    },
}
Evidence = dict[str, Any]


@pytest.fixture(scope="module")
def runs(_running: Connection) -> dict[str, Evidence]:
    """Hold all rulesets against each hidden batch, and give the runs by ruleset."""
    _running.control("POST", "reset")
    client.install(_running)
    glue, inputs = boto3.client("glue"), CHECK.inputs(SEED)
    for name, rules in RULESETS.items():
        text = f"Rules = [{', '.join(rules.values())}]"
        glue.create_data_quality_ruleset(Name=name, Ruleset=text)
    hidden = batches.hidden(SEED)
    delivery.fill(inputs, "hidden", hidden, boto3.client)
    role = delivery.reader(inputs, boto3.client)
    where = {"DatabaseName": inputs["database"], "TableName": "hidden"}
    started = {}
    for batch in hidden:
        options = {"pushDownPredicate": f"batch = '{batch}'"}
        started[batch] = glue.start_data_quality_ruleset_evaluation_run(
            DataSource={"GlueTable": where | {"AdditionalOptions": options}},
            Role=role,
            RulesetNames=[*RULESETS],
        )["RunId"]
    found: dict[str, Evidence] = {name: {} for name in RULESETS}
    for batch, run in started.items():
        told = clinic_gate.ended(run, glue)
        ids = glue.get_data_quality_ruleset_evaluation_run(RunId=run)["ResultIds"]
        for key in ids:
            result = glue.get_data_quality_result(ResultId=key)
            rules = clinic_gate.rules_of(result)
            found[result["RulesetName"]][batch] = told | {"rules": rules}
    return found


@pytest.fixture
def evidence(runs: dict[str, Evidence]) -> Callable[[str], Evidence]:
    """Give what the probe would of a ruleset, and of a function that is honest."""
    hidden = batches.hidden(SEED)

    def of(name: str) -> Evidence:
        told = {}
        for batch in CHECK.inputs(SEED)["judged"]:
            rules = runs[name][batch]["rules"]
            result = {"ruleset": name, "table": "tests", "partition": f"b = '{batch}'"}
            told[batch] = {
                "ruleset": name,
                "text": {"rules": "Rules = [...]"},
                "passes": str(not hidden[batch].faults),
                "result": result | {"rules": [each[1] for each in rules]},
            }
        return copy.deepcopy({"table": "tests", "told": told, "runs": runs[name]})

    return of


def verdict(found: Evidence) -> str:
    return CHECK.verdict(CHECK.inputs(SEED), found)


def test_rules_that_stop_each_fault_alone_pass(
    evidence: Callable[[str], Evidence],
) -> None:
    said = verdict(evidence("right"))
    assert "6 rules let 2 good batches in and stop 6 others" in said


@pytest.mark.parametrize("name", STRICT)
def test_a_rule_that_stops_a_good_batch_is_named(
    name: str, evidence: Callable[[str], Evidence]
) -> None:
    with pytest.raises(CheckFailed, match="passes on a good batch") as refused:
        verdict(evidence(f"strict-{name}"))
    assert STRICT[name] in refused.value.found


@pytest.mark.parametrize("name", RIGHT)
def test_a_fault_that_no_rule_stops_is_named(
    name: str, evidence: Callable[[str], Evidence]
) -> None:
    with pytest.raises(CheckFailed) as refused:
        verdict(evidence(f"no-{name}"))
    assert batches.SAID[name] in refused.value.asked
    assert refused.value.found == "5 rules, all PASS"


def test_what_the_function_said_is_held_against_the_result(
    evidence: Callable[[str], Evidence],
) -> None:
    for batch in CHECK.inputs(SEED)["judged"]:
        for change, message in [
            ({"passes": "maybe"}, "maybe, and "),
            ({"text": {"none": "EntityNotFoundException"}}, "EntityNotFound"),
            ({"text": {"rules": "Rules = []"}}, "the same rules for every batch"),
            ({"returned": "True"}, "a dict of result, an id, and passes"),
            ({"result": {"none": "no result with the id 'x'"}}, "no result with"),
        ]:
            wrong = evidence("right")
            wrong["told"][batch] |= change
            with pytest.raises(CheckFailed) as refused:
                verdict(wrong)
            assert message in str(refused.value)
        for change in ({"ruleset": ""}, {"table": "other"}, {"partition": ""}):
            wrong = evidence("right")
            wrong["told"][batch]["result"] |= change
            with pytest.raises(CheckFailed, match="pushDownPredicate"):
                verdict(wrong)
    for status in ("FAILED", "TIMEOUT"):
        wrong = evidence("right")
        wrong["runs"][batch] |= {"status": status, "rules": []}
        with pytest.raises(CheckFailed, match=f"{status}: None"):
            verdict(wrong)


def test_a_rule_that_breaks_stops_nothing(
    evidence: Callable[[str], Evidence],
) -> None:
    wrong = evidence("right")
    for run in wrong["runs"].values():
        run["rules"] = [
            [rule, "ERROR" if result == "FAIL" else result, said]
            for rule, result, said in run["rules"]
        ]
    with pytest.raises(CheckFailed, match="all ERROR or PASS"):
        verdict(wrong)


@pytest.mark.parametrize("seed", [13, 2, 5])
def test_a_batch_has_the_fault_that_it_is_said_to_have(seed: int) -> None:
    made = batches.shown(seed) | batches.hidden(seed)
    for rows, faults in made.values():
        present = {
            "age": rows["age"] > batches.OLDEST,
            "transport": rows["col_rec_tat"] > batches.LONGEST,
            **{name: rows[name] < 0 for name in batches.TIMES},
            "payor": rows["payor_group"].isna() & rows["patient_class"].notna(),
            "repeat": rows.duplicated(batches.KEY),
        }
        assert {name: int(each.sum()) for name, each in present.items()} == {
            name: int(name in faults) for name in batches.FAULTS
        }
        assert len(rows) == batches.ROWS
        assert (rows["age"] == 0).any()
        assert rows["subject_id"].duplicated().any()
        assert rows["payor_group"].isna().any()
    alone = sorted(f for _, faults in batches.hidden(seed).values() for f in faults)
    assert alone == sorted(batches.FAULTS)
