"""AWS KMS: each operation acts or is refused, and so is each member of its input."""

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws import fidelity
from localaws.services import HANDLERS
from localaws.store import model
from tests.localaws.kms.face import Aws
from tests.localaws.test_fidelity import covers, nested

ACTING = fidelity.services()["kms"]["operations"]
LOOSE = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def test_rows_and_handlers_agree() -> None:
    assert set(ACTING) == {name for service, name in HANDLERS if service == "kms"}


def test_every_member_is_honoured_or_refused() -> None:
    for name in ACTING:
        row = fidelity.fidelity("kms", name)
        known = set(fidelity.paths(model("kms").operation_model(name).input_shape))
        for path in known:
            covered = [p for p in (*row.honours, *row.members) if covers(p, path)]
            assert covered, f"{name} {path}"
        for path in (*row.honours, *row.members, *row.only):
            assert any(covers(path, p) for p in known), f"{name} has no {path}"


def test_what_does_not_act_answers_501_with_its_name(aws: Aws) -> None:
    kms = boto3.client("kms", config=LOOSE)
    others = set(model("kms").operation_names) - set(ACTING)
    assert len(others) == 13
    for name in sorted(others):
        with pytest.raises(ClientError, match=f"kms:{name} does not act") as caught:
            getattr(kms, xform_name(name))()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_each_refused_member_is_refused_by_name(aws: Aws) -> None:
    kms, tried = boto3.client("kms", config=LOOSE), 0
    for name in ACTING:
        shape = model("kms").operation_model(name).input_shape
        for path in fidelity.paths(shape):
            row = fidelity.fidelity("kms", name)
            if not any(covers(one, path) for one in row.members):
                continue
            given = nested(shape, path, "something")
            with pytest.raises(ClientError, match=f"kms:{name} {path}"):
                getattr(kms, xform_name(name))(**given)
            tried += 1
    assert tried > 30
