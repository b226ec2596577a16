"""Grades a class of untrusted notebooks: `python -m helpers.grading --help`."""
