"""Data quality: rulesets in DQDL, held against tables by DuckDB.

The services parse rulesets with what is here; what opens DuckDB runs in a process of
its own, `python -m localaws.quality FOLDER`.
"""
