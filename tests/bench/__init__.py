"""What the endpoint and the kernels cost, as ratios to their peers in one run.

Each measure is a module with a `measure(plan)` that gives rows. Both sides of a row
are measured in turn, in the same run, on the same work; what they answer is compared.
"""
