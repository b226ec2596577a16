"""The rules of style, each a function from a notebook or a file to its complaints.

A complaint names the cell and the rule. `test_style.py` holds the course to the rules;
`test_gates.py` proves that each of them bites.
"""
