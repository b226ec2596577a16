"""The list of operators, as it is told."""

import pytest

from localaws.fidelity import fidelity
from localaws.wrangler.operators import ABSENT, OPERATORS


def test_the_fidelity_of_jobs_names_every_operator() -> None:
    words = fidelity("sagemaker", "CreateProcessingJob").note.split()
    names = {
        name.removeprefix("sagemaker.").removeprefix("spark.").removesuffix("_0.1")
        for name in OPERATORS
    }
    assert names <= {word.strip(".,") for word in words}


@pytest.mark.parametrize("name", OPERATORS)
def test_what_acts_is_not_said_to_be_absent(name: str) -> None:
    general = ("sagemaker.spark.", "sagemaker.")
    assert [p for p in ABSENT if name.startswith(p) and p not in general] == []
