"""The prober's box: probes, what they find, and what they cannot use."""

import pytest

from helpers.grading.limits import Limits
from helpers.grading.roles.prober import seeds
from helpers.grading.run import Run
from tests.helpers.grading.submissions import lab

CHECKS = """
from helpers.check import Check, CheckFailed

def called(inputs, answer, aws):
    try:
        return {"found": answer(inputs["x"])}
    except ValueError as error:
        return {"refused": str(error)}

def told(inputs, answer, aws):
    return {"seed": answer(inputs["seed"])}

def buckets(inputs, answer, aws):
    answer(inputs["name"])
    return {"names": [each["Name"] for each in aws("s3").list_buckets()["Buckets"]]}

def large(inputs, answer, aws):
    return {"x": "x" * (2 << 20)}

def failing(inputs, answer, aws):
    raise CheckFailed("this", "that", "there")

def scored(inputs, answer, aws):
    from helpers import artefacts
    import io, tarfile
    body = io.BytesIO()
    script = answer()
    with tarfile.open(fileobj=body, mode="w:gz"):
        pass
    return {"scores": artefacts.scores(body.getvalue(), script, [1, 2])}

def none(seed): return {}
def never(inputs, evidence): return ""

called, told, buckets, large, failing, scored = (
    Check(none, probe, never)
    for probe in (called, told, buckets, large, failing, scored)
)
"""
SEED = 2**61 + 12_345


@pytest.fixture(scope="module")
def run(sandbox):
    from dataclasses import replace

    with sandbox.pod(Limits()) as pod:
        made = Run(pod, replace(lab(), source=CHECKS), Limits())
        made.open({})
        made.cell("from helpers import cloud\ncloud.start()")
        yield made


@pytest.fixture
def probe(run):
    def probed(task, source, **inputs):
        assert run.cell(source)["error"] is None
        found = run.probe(task, inputs, run.answer("answer")["value"])
        return {name: found[name] for name in found if name not in ("id", "late")}

    return probed


def test_evidence_is_what_an_answer_gives(probe):
    assert probe("called", "answer = lambda x: x + 1", x=1) == {
        "evidence": {"found": 2}
    }
    source = "class Own(ValueError): pass\ndef answer(x): raise Own('no')"
    assert probe("called", source, x=1) == {"evidence": {"refused": "no"}}


def test_what_is_no_json_fails(probe):
    found = probe("called", "answer = lambda x: {1, 2}", x=1)["failed"]
    assert "set is not JSON" in found["found"]
    found = probe("called", "answer = lambda x: float('nan')", x=1)["failed"]
    assert "not JSON compliant" in found["found"]
    found = probe("large", "answer = 1")["failed"]
    assert found["found"].startswith("2,097,1")
    assert probe("failing", "answer = 1") == {
        "failed": {"asked": "this", "found": "that", "look": "there"}
    }


def test_who_has_raised_is_told(probe):
    found = probe("called", "def answer(x):\n    raise KeyError(x)", x=1)
    assert found["by"] == "answer" and found["raised"]["kind"] == "KeyError"
    found = probe("called", "answer = 7", x=1)
    assert found["by"] == "probe"
    assert found["raised"]["text"] == "'int' object is not callable"


def test_the_hidden_seed_is_held_back(probe):
    found = probe("told", "answer = lambda seed: seed", seed=SEED)
    assert found["by"] == "probe" and "hidden seed" in found["raised"]["text"]
    assert seeds({"seed": 13, "name": "x", "on": True}) == ()


def test_aws_is_asked_by_the_prober_itself(probe):
    source = (
        "import boto3\n"
        "def answer(name):\n"
        "    boto3.client('s3').create_bucket(Bucket=name)\n"
    )
    assert probe("buckets", source, name="made-1") == {
        "evidence": {"names": ["made-1"]}
    }


def test_what_a_job_left_is_loaded_in_another_box(probe):
    source = (
        "import pathlib, tempfile\n"
        "mark = 'the notebook'\n"
        "def answer():\n"
        "    text = '''import sys\\n'''\n"
        "    text += '''def model_fn(folder): return sys.modules['__main__']\\n'''\n"
        "    text += '''def predict_fn(rows, model):\\n'''\n"
        "    text += '''    return [getattr(model, 'mark', 'alone')]\\n'''\n"
        "    return text\n"
    )
    found = probe("scored", source)
    assert found["by"] == "answer", found
    assert found["raised"]["kind"] in ("FileNotFoundError", "OSError")
