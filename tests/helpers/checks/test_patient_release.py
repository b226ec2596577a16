"""Lab 1.3, task 3: what was released, read from its evidence; each wrong one fails."""

import copy
import hashlib
import hmac
import json

import pytest

from helpers.check import CheckFailed
from helpers.checks.patient_release import hide_the_patients as CHECK
from helpers.passengers.people import lists
from helpers.patients import files

MAC = {"key": b"secret", "digestmod": "sha256"}


def pseudonym(identity):
    return hmac.new(MAC["key"], str(identity).encode(), MAC["digestmod"]).hexdigest()


def table(seed=13, patient=pseudonym, old=files.OLD, drop=files.NAMED):
    rows = files.draw(seed).tests
    given = rows["subject_id"].map(patient)
    kept = rows.drop(columns=drop).assign(patient=given)
    return kept.assign(age=kept["age"].clip(upper=old)).to_csv(index=False)


def letters(seed=13, less=(), more=""):
    lines = []
    for note in files.draw(seed).letters:
        text = note["text"]
        for span in reversed(note["spans"]):
            kind = "street" if span["kind"] == "address" else span["kind"]
            if kind not in less:
                text = f"{text[: span['begin']]}[X]{text[span['end'] :]}"
        lines.append(more or text)
    return "\n".join(lines)


def held(body, region):
    return {
        "uri": "s3://b/k",
        "body": body,
        "encrypted": "aws:kms",
        "key": f"arn:aws:kms:{region}:1:key/2",
        "outsider": "AccessDenied",
    }


def evidence(seed=13, **bodies):
    region = CHECK.inputs(seed)["region"]
    found = {"bucket": "b", "region": region, "http": "AccessDenied"}
    found["tests"] = held(bodies.get("tests", table(seed)), region)
    found["letters"] = held(bodies.get("letters", letters(seed)), region)
    return json.loads(json.dumps(found))


def refused(found):
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(CHECK.inputs(13), found)
    return failure.value


@pytest.mark.parametrize("seed", [13, 1, 2])
def test_what_is_masked_and_sealed_passes(seed):
    said = CHECK.verdict(CHECK.inputs(seed), evidence(seed))
    assert "under pseudonyms; recall card 1.00" in said
    assert "100% of the other words left" in said


def test_the_region_is_drawn():
    assert len({CHECK.inputs(seed)["region"] for seed in range(12)}) > 1


def test_every_graded_kind_is_in_the_letters():
    assert set(files.draw(13).letters[0]) > {"text", "spans"}
    for seed in (13, 1, 2):
        kinds = {s["kind"] for n in files.draw(seed).letters for s in n["spans"]}
        assert kinds == set(lists()["types"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"region": "us-east-1"}, "LocationConstraint"),
        ({"http": "read"}, "aws:SecureTransport"),
        ({"returned": "None"}, "a dict of tests and letters"),
        ({"tests": {"uri": "s3://other/key"}}, "s3://other/key"),
        ({"letters": {"uri": "s3://b/k", "error": "NoSuchKey"}}, "NoSuchKey"),
    ],
)
def test_a_wrong_place_is_named(change, message):
    assert message in str(refused(evidence() | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outsider": "read", "encrypted": "AES256"}, "encrypted by AES256"),
        ({"outsider": "read"}, "whom does it let decrypt"),
        ({"encrypted": "AES256"}, "default encryption"),
        ({"key": "arn:aws:kms:us-west-2:1:key/2"}, "us-west-2"),
    ],
)
@pytest.mark.parametrize("name", ["tests", "letters"])
def test_what_is_not_sealed_is_named(name, change, message):
    found = copy.deepcopy(evidence())
    found[name] |= change
    assert message in str(refused(found))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"patient": lambda one: one}, "no subject ids"),
        ({"patient": lambda one: hashlib.sha256(str(one).encode()).hexdigest()}, "sha"),
        (
            {"patient": lambda one: hashlib.md5(str(one).encode()).hexdigest()[:9]},
            "md5",
        ),
        ({"patient": lambda one: f"p{one % 7}"}, "7 pseudonyms"),
        ({"old": 200}, "ages above 90 become 90"),
        ({"old": 60}, "all others stay"),
        ({"drop": files.NAMED[:2]}, "too many: fake_last_name; missing: -"),
        ({"drop": [*files.NAMED, "result"]}, "too many: -; missing: result"),
    ],
)
def test_a_table_that_tells_or_lacks_something_is_named(made, message):
    assert message in str(refused(evidence(tests=table(**made))))


def test_a_new_pseudonym_for_each_test_is_named():
    rows = files.draw(13).tests
    assert rows["subject_id"].duplicated().any()
    numbered = iter(range(10**6, 2 * 10**6))
    found = evidence(tests=table(patient=lambda _: f"x{next(numbered)}"))
    assert "the same patient must get the same" in str(refused(found))


def test_a_changed_or_lost_value_is_named():
    for other, found in {"positive": "positive", "": "nothing"}.items():
        said = refused(evidence(tests=table().replace("negative", other, 1)))
        assert "not to be touched" in said.look
        assert said.found == found


@pytest.mark.parametrize("kind", ["card", "e-mail", "SSN", "phone", "street"])
def test_a_kind_that_is_left_is_named(kind):
    found = evidence(letters=letters(less=[kind]))
    assert f"of the kind {kind} masked" in str(refused(found))


def test_a_letter_that_is_all_mask_is_named():
    found = evidence(letters=letters(more="[MASKED]"))
    assert "of the words that give nobody away" in str(refused(found))


def test_another_number_of_letters_is_named():
    found = evidence(letters=letters() + "\n\nmore")
    assert "letters, one a line" in str(refused(found))
