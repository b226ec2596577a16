"""Lab 1.3, task 4: rules that let good batches in, and stop each fault alone."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from helpers.check import JSON, Check, CheckFailed, Clients
from helpers.patients import batches, delivery
from helpers.payments.naming import dice, named

PATIENCE = 300
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
LONGEST = 20_000


def drawn(seed: int) -> JSON:
    """Draw names, and a good and a bad batch for the function, in any order."""
    hidden = batches.hidden(seed)
    good = [name for name, each in hidden.items() if not each.faults]
    bad = [name for name, each in hidden.items() if each.faults]
    chance = dice(seed, "judged batches")
    judged = [chance.choice(good), chance.choice(bad)]
    chance.shuffle(judged)
    return {
        "seed": seed,
        "bucket": named(seed, "clinic"),
        "database": named(seed, "clinic").replace("-", "_"),
        "table": "tests",
        "ruleset": named(seed, "gate"),
        "judged": judged,
    }


def _probe(inputs: JSON, answer: Callable[..., Any], aws: Clients) -> JSON:
    __tracebackhide__ = True
    role, hidden = delivery.reader(inputs, aws), batches.hidden(inputs["seed"])
    mark = uuid4().hex[:8]
    judged = {batch: hidden[batch] for batch in inputs["judged"]}
    delivery.fill(inputs, f"tests_{mark}", judged, aws)
    glue, told = aws("glue"), {}
    for batch in judged:
        name = f"{inputs['ruleset']}-{uuid4().hex[:8]}"
        returned = answer(inputs["database"], f"tests_{mark}", batch, name, role)
        told[batch] = {"ruleset": name, "text": _text(name, glue)}
        if isinstance(returned, dict) and sorted(returned) == ["passes", "result"]:
            told[batch]["passes"] = str(returned["passes"])[:100]
            told[batch]["result"] = _result(returned["result"], glue)
        else:
            told[batch]["returned"] = repr(returned)[:200]
    evidence: JSON = {"table": f"tests_{mark}", "told": told, "runs": {}}
    first = told[inputs["judged"][0]]
    if "rules" in first["text"] and "returned" not in first:
        delivery.fill(inputs, f"hidden_{mark}", hidden, aws)
        where = {"DatabaseName": inputs["database"], "TableName": f"hidden_{mark}"}
        evidence["runs"] = _held([*hidden], where, first["ruleset"], role, glue)
    return evidence


def _text(name: str, glue: Any) -> JSON:
    try:
        found = glue.get_data_quality_ruleset(Name=name)
    except glue.exceptions.EntityNotFoundException as error:
        return {"none": str(error)}
    return {"rules": found["Ruleset"][:LONGEST]}


def _result(key: object, glue: Any) -> JSON:
    ids = [key[:255]] if isinstance(key, str) and key else []
    found = ids and glue.batch_get_data_quality_result(ResultIds=ids)["Results"]
    if not found:
        return {"none": f"no result with the id {key!r}"[:300]}
    source = found[0].get("DataSource", {}).get("GlueTable", {})
    return {
        "ruleset": found[0].get("RulesetName", ""),
        "table": source.get("TableName", ""),
        "partition": " ".join(source.get("AdditionalOptions", {}).values()),
        "rules": [each["Result"] for each in found[0]["RuleResults"]],
    }


def _held(names: list[str], where: JSON, ruleset: str, role: str, glue: Any) -> JSON:
    """Hold the ruleset against each hidden batch, and tell what each rule says."""
    runs = {}
    for batch in names:
        options = {"pushDownPredicate": f"batch = '{batch}'"}
        runs[batch] = glue.start_data_quality_ruleset_evaluation_run(
            DataSource={"GlueTable": where | {"AdditionalOptions": options}},
            Role=role,
            NumberOfWorkers=2,
            RulesetNames=[ruleset],
        )["RunId"]
    return {batch: ended(run, glue) for batch, run in runs.items()}


def ended(run: str, glue: Any) -> JSON:
    """Wait until a run has ended, and give its state and what its rules say."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = glue.get_data_quality_ruleset_evaluation_run(RunId=run)
        if told["Status"] in ENDED:
            break
        time.sleep(0.1)
    results = [
        glue.get_data_quality_result(ResultId=key) for key in told.get("ResultIds", [])
    ]
    rules = [rule for result in results for rule in rules_of(result)]
    return {"status": told["Status"], "said": told.get("ErrorString"), "rules": rules}


def rules_of(result: JSON) -> list[list[str]]:
    """Give each rule of a result: the rule, how it ended, and why."""
    return [
        [
            one["Description"][:300],
            one["Result"],
            one.get("EvaluationMessage", "")[:300],
        ]
        for one in result["RuleResults"]
    ]


def _verdict(inputs: JSON, evidence: JSON) -> str:
    texts = []
    for batch, told in evidence["told"].items():
        if "none" in told["text"]:
            raise CheckFailed(
                f"a ruleset {told['ruleset']}",
                told["text"]["none"],
                "create_data_quality_ruleset, and the argument ruleset",
            )
        texts.append(told["text"]["rules"])
        if "returned" in told:
            raise CheckFailed(
                "a dict of result, an id, and passes, True or False",
                f"{told['returned']} for the batch {batch}",
                "your return statement",
            )
    if len(set(texts)) > 1:
        raise CheckFailed(
            "the same rules for every batch",
            "other ones for another batch",
            "what of your rules depends on the batch",
        )
    hidden = batches.hidden(inputs["seed"])
    for run in evidence["runs"].values():
        if run["status"] != "SUCCEEDED":
            found = f"{run['status']}: {run['said']}"
            raise CheckFailed("a run that has SUCCEEDED", found, "your rules")
    good = [name for name, each in hidden.items() if not each.faults]
    for batch in good:
        _passed(evidence["runs"][batch]["rules"])
    for batch, (_, faults) in hidden.items():
        if faults:
            _stopped(faults[0], evidence["runs"][batch]["rules"])
    for batch, told in evidence["told"].items():
        _honest(batch, told, evidence["table"], batch in good)
    return (
        f"{len(evidence['runs'][good[0]]['rules'])} rules let {len(good)} good batches "
        f"in and stop {len(hidden) - len(good)} others, each with one row at fault."
    )


def _passed(rules: list[list[str]]) -> None:
    for description, result, said in rules:
        if result != "PASS":
            raise CheckFailed(
                "every rule passes on a good batch",
                f"{result} of {description}: {said}",
                "what the clinic says may occur; between leaves its ends out, and "
                "some things are missing for a reason",
            )


def _stopped(fault: str, rules: list[list[str]]) -> None:
    results = sorted({result for _, result, _ in rules})
    if "FAIL" not in results:
        raise CheckFailed(
            f"a rule fails on a batch with {batches.SAID[fault]}, in one row",
            f"{len(rules)} rules, all {' or '.join(results)}",
            "the rule that speaks of it, and the rows that a where leaves out",
        )


def _honest(batch: str, told: JSON, table: str, good: bool) -> None:
    """Hold what the function said against the result that it named."""
    result, asked = told["result"], f"the result of {told['ruleset']} on {batch}"
    if "none" in result:
        raise CheckFailed(asked, result["none"], "ResultIds of the ended run")
    right = result["ruleset"] == told["ruleset"] and result["table"] == table
    if not right or batch not in result["partition"]:
        found = f"of {result['ruleset'] or 'no ruleset'} on {result['table']}"
        raise CheckFailed(
            f"{asked} of {table}",
            f"one {found} {result['partition'] or 'as a whole'}",
            "DataSource, with a pushDownPredicate for the batch, and RulesetNames",
        )
    if told["passes"] != str(good):
        wrong = sum(each != "PASS" for each in result["rules"])
        raise CheckFailed(
            f"passes {good} for the batch {batch}",
            f"{told['passes']}, and {wrong} of {len(result['rules'])} rules fail",
            "a run that has succeeded has only found out: the verdict is in its "
            "results",
        )


stop_the_bad_batch = Check(drawn, _probe, _verdict)
