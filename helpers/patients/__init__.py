"""A hospital's tests and its patients' letters, before anybody outside may have them.

The tests are real and their names invented (`covid_testing` of the R package
medicaldata); the letters are drawn by `helpers.passengers`. `land` puts both into a
bucket, to be released; `deliver` puts the tests into a table, in batches of which some
are broken.
"""

from helpers.patients.delivery import deliver
from helpers.patients.landing import land

__all__ = ["deliver", "land"]
