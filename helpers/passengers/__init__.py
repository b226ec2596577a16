"""Passengers and what they write, drawn from a seed: nobody stands behind them.

The lists stand in `data/passengers.yaml`. `passengers` makes the table, `notes` the
complaints with the places of the personal data in them; `data/samples` holds one
drawing of each, a lab draws its own. Faker is not needed: its output changes between
releases, and its telephones and addresses may be somebody's.
"""

from helpers.passengers.notes import notes, read_notes
from helpers.passengers.people import passengers

__all__ = ["notes", "passengers", "read_notes"]
