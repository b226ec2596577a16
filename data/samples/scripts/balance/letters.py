"""Train a classifier of letters, with what helps a topic of which there are few.

Whatever is copied or invented is made of the training channel, in memory: no made-up
letter can reach the validation channel.
"""

import argparse
import os
import random
from pathlib import Path

import joblib
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.pipeline import make_pipeline


def vary(text: str, dropout: float, rng: random.Random) -> str:
    """Leave out a share of the words, and let two neighbours change places."""
    words = [word for word in text.split() if rng.random() >= dropout]
    if dropout and len(words) > 1:
        at = rng.randrange(len(words) - 1)
        words[at : at + 2] = reversed(words[at : at + 2])
    return " ".join(words) or text


def enlarge(
    letters: pd.DataFrame, topic: str, copies: int, dropout: float
) -> pd.DataFrame:
    """Add copies of a topic's letters, each varied in its own way."""
    rng = random.Random(0)
    rare = letters[letters["topic"] == topic]
    more = rare.loc[rare.index.repeat(copies)]
    varied = more.assign(text=[vary(text, dropout, rng) for text in more["text"]])
    return pd.concat([letters, varied], ignore_index=True)


def main() -> None:
    """Train, print what the validation channel says, keep the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--weigh", choices=["none", "balanced"], default="none")
    args = parser.parse_args()

    train, unseen = (
        pd.read_csv(Path(os.environ[f"SM_CHANNEL_{name}"], "letters.csv"))
        for name in ("TRAIN", "VALIDATION")
    )
    rare = train["topic"].value_counts().index[-1]
    letters = enlarge(train, rare, args.copies, args.dropout)
    weights = None if args.weigh == "none" else args.weigh
    lines = LogisticRegression(class_weight=weights, max_iter=500)
    model = make_pipeline(TfidfVectorizer(), lines)
    model.fit(letters["text"], letters["topic"])

    told, truth = model.predict(unseen["text"]), unseen["topic"]
    found = recall_score(truth, told, labels=[rare], average="macro")
    print(f"accuracy={(told == truth).mean():.4f};")
    print(f"macro_f1={f1_score(truth, told, average='macro'):.4f};")
    print(f"recall_of_the_rare={found:.4f};")
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"], "model.joblib"))


if __name__ == "__main__":
    main()
