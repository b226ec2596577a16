"""Split flights by time, then resample the training part, and it alone.

What fills a gap is learned from the training part too. Validation and test keep the
share of cancelled flights that the year had: they stand for days to come.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from imblearn.over_sampling import SMOTENC, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler

ROOT = Path("/opt/ml/processing")
LABEL = "cancelled"
MONTHS = {"train": (1, 8), "validation": (9, 9), "test": (10, 12)}
# Codes without an order: a flight between two carriers does not exist.
CATEGORIES = ["weekday", "carrier", "origin", "dest"]
# SMOTE makes this many of each rare row at most; undersampling does the rest.
INVENTED = 4


def split(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the parts by month, their gaps filled with medians of the training part."""
    parts = {
        name: rows[rows["month"].between(*months)].drop(columns="month")
        for name, months in MONTHS.items()
    }
    fills = parts["train"].drop(columns=LABEL).median()
    return {name: part.fillna(fills) for name, part in parts.items()}


def resample(train: pd.DataFrame, how: str, share: float) -> pd.DataFrame:
    """Bring the rare class to a share of the training rows, and shuffle.

    Args:
        train: the label in the first column.
        how: `over` repeats rare rows, `under` drops frequent ones,
            `smotenc` invents between neighbours, then drops frequent ones.
        share: of the rare class afterwards.

    Raises:
        ValueError: if the rare class has that share already.
    """
    features, label = train.drop(columns=LABEL), train[LABEL]
    now, wanted = label.mean() / (1 - label.mean()), share / (1 - share)
    if wanted <= now:
        raise ValueError(f"{label.mean():.3f} are rare: not below {share}")
    fewer = RandomUnderSampler(sampling_strategy=wanted, random_state=0)
    more = RandomOverSampler(sampling_strategy=wanted, random_state=0)
    reached = min(wanted, INVENTED * now)
    between = SMOTENC(CATEGORIES, sampling_strategy=reached, random_state=0)
    both = make_pipeline(between, fewer) if reached < wanted else between
    sampler = {"over": more, "under": fewer, "smotenc": both}[how]
    features, label = sampler.fit_resample(features, label)
    treated = features.assign(**{LABEL: label})[train.columns]
    return treated.sample(frac=1, random_state=0, ignore_index=True)


def main() -> None:
    """Read one input, write the parts, each treatment of the first, and a report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=0.2)
    args = parser.parse_args()

    parts = split(pd.read_parquet(ROOT / "input" / "flights"))
    written = {"as-is": parts.pop("train"), **parts}
    for how in ("over", "under", "smotenc"):
        written[how] = resample(written["as-is"], how, args.share)
    report = {}
    for name, part in written.items():
        folder = ROOT / "output" / name
        folder.mkdir(parents=True, exist_ok=True)
        part.to_parquet(folder / "flights.parquet", index=False)
        report[name] = {"flights": len(part), "cancelled": int(part[LABEL].sum())}
        print(name, report[name])
    (ROOT / "output" / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
