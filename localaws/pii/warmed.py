"""The engine with its model read: imported where processes are forked from."""

from localaws.pii.finding import find
from localaws.pii.model import pipeline

pipeline()
# The first text of a model takes longer than the others.
find("Ada Lovelace lives in Boston.")
