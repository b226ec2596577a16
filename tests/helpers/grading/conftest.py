import pytest

from helpers.grading.sandbox import Warm, choose
from tests.helpers.grading.submissions import grader


@pytest.fixture(scope="session")
def sandbox():
    """A warm process behind the wall, for all that is graded here."""
    with Warm(choose("full")) as warm:
        yield warm


@pytest.fixture(scope="session")
def graded(sandbox):
    """Give a function that grades cells of the light lab."""
    with grader(sandbox) as function:
        yield function
