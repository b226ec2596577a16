"""Photographs of garments, and the people who say what is on them.

The photographs are real (Fashion-MNIST, `data/samples/garments.parquet`), the four
annotators are simulated: three err now and then, one does not look. `feed` puts them
into three stores, for a training job to read. `thin_shelf` gives more of them, of which
one kind hardly occurs.
"""

from helpers.garments.feeding import feed
from helpers.garments.landing import land, truth
from helpers.garments.shelf import land as thin_shelf

__all__ = ["feed", "land", "thin_shelf", "truth"]
