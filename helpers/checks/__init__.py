"""The checks of the graded tasks: one module a lab, one `Check` a task.

A module `helpers/checks/lab_0_0.py` binds one `helpers.check.Check` to the name of
each task in `course.yaml`. The learner's check cell and the grader use the same one.
"""
