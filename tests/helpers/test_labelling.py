"""The labelling tool: what a click, a key and a program do, and where answers go."""

import io

import boto3
import pytest
from PIL import Image

from helpers.labelling import Labeller, attach, tell_crowd
from helpers.labelling.face import Face
from tests.localaws.sagemaker.labelled import (
    BUCKET,
    CLASSIFIER,
    IMAGE,
    Desk,
    manifest,
    put,
)

TEXTS = ["so <late>", "lost my bag", "thank you"]
LABELS = ["cross", "calm", "glad"]
SEVERAL = CLASSIFIER.replace("crowd-classifier", "crowd-classifier-multi-select")


def png(colour):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def labeller():
    return Labeller(TEXTS, LABELS, "How does it sound?")


@pytest.fixture
def face(labeller, monkeypatch):
    monkeypatch.delenv("LOCALAWS_EPOCH")
    shown = Face(labeller)
    yield shown
    shown.box.close_all()


def parts(face):
    """Give the head, the item, the buttons, the message, undo, skip and the keys."""
    _, head, item, labels, message, tools = face.box.children
    return head, item, labels.children, message, *tools.children


@pytest.fixture
def desk(endpoint, role, bucket):
    return Desk(endpoint, role)


def test_a_program_labels_like_a_person(labeller):
    assert labeller.task.item == TEXTS[0]
    labeller.answer("cross")
    labeller.skip()
    labeller.answer("glad")
    assert labeller.answers == ["cross", None, "glad"]
    assert (labeller.labelled, labeller.total) == (2, 3)
    labeller.answer("calm")
    assert labeller.answers == ["cross", "calm", "glad"]
    assert labeller.counts == {"cross": 1, "calm": 1, "glad": 1}
    with pytest.raises(ValueError, match="nothing is left to label"):
        labeller.answer("calm")


def test_steps_are_taken_back_one_by_one(labeller):
    for step in (lambda: labeller.answer("cross"), labeller.skip, labeller.skip):
        step()
    labeller.answer("glad")
    assert labeller.answers == ["cross", "glad", None]
    labeller.undo()
    assert (labeller.answers, labeller.task.item) == (["cross", None, None], TEXTS[1])
    labeller.undo()
    assert labeller.task.item == TEXTS[2]
    labeller.undo()
    labeller.undo()
    assert (labeller.answers, labeller.task.item) == ([None] * 3, TEXTS[0])
    assert not labeller.can_undo
    labeller.undo()
    assert labeller.labelled == 0


@pytest.mark.parametrize(
    ("items", "labels", "error", "words"),
    [
        (["a"], ["one"], ValueError, "two or more"),
        (["a"], ["one", "one"], ValueError, "each once"),
        (["a", 7], LABELS, TypeError, "item 1 is a text or the bytes of an image"),
        ([b"GIF8", b"%PDF-1.7"], LABELS, ValueError, "item 1 .*%PDF"),
    ],
)
def test_what_cannot_be_labelled_is_refused(items, labels, error, words):
    with pytest.raises(error, match=words):
        Labeller(items, labels)


def test_an_unknown_label_is_refused_with_the_known_ones(labeller):
    with pytest.raises(ValueError, match=r"cross, calm, glad; found 'furious'"):
        labeller.answer("furious")
    assert labeller.labelled == 0


def test_an_executed_notebook_holds_a_picture_that_is_always_the_same(labeller):
    def shown():
        return Labeller([png("red"), *TEXTS], LABELS)._repr_mimebundle_()

    assert shown() == shown()
    assert set(shown()) == {"text/html", "text/plain"}
    assert "data:image/png;base64," in shown()["text/html"]
    assert shown()["text/plain"] == (
        "Labeller: 0 of 4 labelled; next: an image (png); labels: cross, calm, glad"
    )
    bundle = labeller._repr_mimebundle_()
    assert "so &lt;late&gt;" in bundle["text/html"]
    for label in LABELS:
        labeller.answer(label)
    assert labeller._repr_mimebundle_()["text/plain"] == "Labeller: 3 of 3 labelled"
    assert "All is labelled" in labeller._repr_mimebundle_()["text/html"]


def test_a_cell_shows_widgets(labeller, monkeypatch):
    monkeypatch.delenv("LOCALAWS_EPOCH")
    bundle = labeller._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("Labeller: 0 of 3 labelled")


def test_buttons_label_skip_and_undo(labeller, face):
    head, item, labels, _, undo, skip, _ = parts(face)
    assert [one.tooltip for one in labels] == LABELS
    assert undo.disabled and "0 of 3" in head.value
    assert "so &lt;late&gt;" in item.value
    labels[1].click()
    assert labeller.answers == ["calm", None, None]
    assert "1 of 3" in head.value and TEXTS[1] in item.value
    skip.click()
    assert TEXTS[2] in item.value
    undo.click()
    undo.click()
    assert labeller.answers == [None] * 3 and "so &lt;late&gt;" in item.value
    for label in LABELS:
        labeller.answer(label)
    assert "All is labelled" in item.value
    assert len(parts(face)[2]) == 0 and skip.disabled and not undo.disabled


def test_keys_label_and_a_deleted_key_takes_its_step_back(labeller, face):
    keys = parts(face)[-1]
    keys.value = "1"
    keys.value = "13"
    assert labeller.answers == ["cross", "glad", None]
    keys.value = "1"
    assert labeller.answers == ["cross", None, None]
    keys.value = "1x9"
    assert labeller.answers == ["cross", None, None]
    keys.value = "1x9s2u2"
    assert labeller.answers == ["cross", None, "calm"]
    keys.value = ""
    assert labeller.answers == [None] * 3


def test_a_step_that_fails_says_why(labeller, face):
    def refuse(task, label, seconds):
        raise ValueError("There is no <open> task.")

    labeller._send = refuse
    *_, message, _, _, keys = parts(face)
    keys.value = "1"
    assert message.value == "There is no &lt;open&gt; task."
    assert labeller.labelled == 0
    labeller._send = None
    keys.value = "12"
    assert (message.value, labeller.labelled) == ("", 1)


def test_a_member_of_a_team_labels_what_a_job_gives_out(desk):
    team = desk.team()
    lines = [{"source": text} for text in TEXTS]
    given = desk.asked(lines, labels=tuple(LABELS), team=team, workers=2)
    desk.sagemaker.create_labeling_job(**given)
    ana = attach("desk", worker="ana")
    assert (ana.question, ana.total) == ("How is the passenger?", 3)
    assert [task.item for task in ana._tasks] == TEXTS
    for label in LABELS:
        ana.answer(label)
    assert not ana.can_undo and ana.answers == LABELS
    assert attach("desk", worker="ana").total == 0
    bo = attach(team, worker="bo")
    for label in ("cross", "calm", "glad"):
        bo.answer(label)
    job = desk.ended("moods")
    assert job["LabelingJobStatus"] == "Completed"
    found = [line["mood-metadata"]["class-name"] for line in manifest(job)]
    assert found == LABELS
    assert attach("desk", worker="cy").total == 0


def test_a_member_of_a_team_sees_images(desk):
    picture = png("blue")
    lines = [{"source-ref": put("sky.png", picture)}]
    labels = ("clear", "clouds")
    given = desk.asked(lines, "sky", "ImageMultiClass", IMAGE, labels, 1, desk.team())
    desk.sagemaker.create_labeling_job(**given)
    ana = attach("desk", worker="ana")
    assert ana.task.item == picture
    ana.answer("clear")
    assert desk.ended("sky")["LabelingJobStatus"] == "Completed"


def test_what_a_team_cannot_do_is_said(desk, monkeypatch):
    with pytest.raises(ValueError, match="nobody"):
        attach("nobody", worker="ana")
    team = desk.team()
    several = {"kind": "TextMultiClassMultiLabel", "template": SEVERAL, "workers": 1}
    given = desk.asked([{"source": "so late"}], team=team, **several)
    desk.sagemaker.create_labeling_job(**given)
    with pytest.raises(ValueError, match="asks for crowd-classifier-multi-select"):
        attach("desk", worker="ana")
    desk.sagemaker.stop_labeling_job(LabelingJobName="moods")
    desk.ended("moods")
    monkeypatch.setenv("MLA_TARGET", "aws")
    described = desk.sagemaker.describe_workteam(WorkteamName="desk")["Workteam"]
    with pytest.raises(RuntimeError, match="label in its portal: https://") as error:
        attach("desk", worker="ana")
    assert described["SubDomain"] in str(error.value)


def test_the_crowd_is_told_what_is_true(desk, monkeypatch):
    uri = put("sky.png", png("blue"))
    told = tell_crowd({uri: "clear", "so late": "cross"}, seed=7, workers=12)
    assert told == "12 simulated workers; truth known of 2"
    assert tell_crowd({"lost": ["calm", "cross"]}).endswith("known of 3")
    with pytest.raises(ValueError, match="truth of"):
        tell_crowd({"so late": 7})
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    assert found["KeyCount"] == 1
    monkeypatch.setenv("MLA_TARGET", "aws")
    assert "nothing was told" in tell_crowd({"so late": "cross"})
