"""Lab 1.1: the numbers of NumPy, as pandas hands them out, are numbers."""

import json

import numpy as np

from helpers.checks.card_numbers import plain


def test_numbers_of_numpy_become_pythons_own_at_any_depth() -> None:
    returned = {"late": np.int64(3), 1: [np.float64(0.5), (np.int32(2), "x", None)]}
    assert json.dumps(plain(returned)) == '{"late": 3, "1": [0.5, [2, "x", null]]}'


def test_what_is_no_number_stays_as_it_is() -> None:
    assert plain(object) is object
