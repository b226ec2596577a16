"""The face of helpers: four names, and no work at import."""

import subprocess
import sys

import pytest

import helpers
from helpers.check import Checker


def test_the_face_is_written_out_and_there():
    assert sorted(helpers.__all__) == ["check", "cloud", "sample", "show"]
    assert isinstance(helpers.check, Checker)
    assert callable(helpers.sample)
    assert helpers.cloud.__name__ == "helpers.cloud"
    assert helpers.show.__name__ == "helpers.show"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'session'"):
        _ = helpers.session


def test_check_stays_callable_whatever_is_imported_first():
    program = "import helpers.check; from helpers import check; assert callable(check)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_the_face_imports_no_library():
    program = "import sys; from helpers import *; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded & {"boto3", "matplotlib", "numpy", "pandas", "sagemaker"} == set()
