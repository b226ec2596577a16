"""A training job that does nothing but look: what lies in its channel, and one row."""

import argparse
import os
from pathlib import Path

import pandas as pd


def look(folder: Path) -> tuple[int, float, int]:
    """Read the Parquet files of a folder.

    Args:
        folder: a channel of the job, searched at any depth.

    Returns:
        How many files, how many megabytes they are, how many rows they hold.
    """
    files = sorted(folder.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files) / 1e6
    return len(files), size, sum(len(pd.read_parquet(file)) for file in files)


def main() -> None:
    """Tell what the channel holds, and leave it as the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--model-dir", type=Path, default=os.environ["SM_MODEL_DIR"])
    options = parser.parse_args()

    count, size, rows = look(options.train)
    told = f"files={count} megabytes={size:.1f} rows={rows}"
    print(told)
    (options.model_dir / "told.txt").write_text(told)


if __name__ == "__main__":
    main()
