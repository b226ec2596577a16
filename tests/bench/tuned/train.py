"""The work of a trial: one second of arithmetic, and a score."""

import argparse
import time

BEGUN = time.perf_counter()

import numpy as np  # noqa: E402


def main():
    """Compute until a second has passed since the start."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=0)
    given = parser.parse_args()
    rows = np.random.default_rng(0).normal(size=(100, 100))
    while time.perf_counter() - BEGUN < 1:
        rows = rows @ rows.T
        rows /= np.abs(rows).max()
    print(f"score={1 - (given.rate - 0.3) ** 2:.6f}")


if __name__ == "__main__":
    main()
