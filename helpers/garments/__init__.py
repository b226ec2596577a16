"""Photographs of garments, and the people who say what is on them.

The photographs are real (Fashion-MNIST, `data/samples/garments.parquet`), the four
annotators are simulated: three err now and then, one does not look.
"""

from helpers.garments.landing import land, truth

__all__ = ["land", "truth"]
