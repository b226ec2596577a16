"""Put photographs, page and categories into S3, and tell the crowd what is true."""

import io
import json
from functools import cache

import pandas as pd

from helpers.labelling import tell_crowd
from helpers.payments.naming import Clients, Given, bucket_made, dice, state
from helpers.samples import sample

IMAGES, EACH = 120, 4
PREFIX = "photographs/"
SIDE = 28
# Crowds of four in which nobody is so good that the others cannot add to it.
CROWDS = (1, 2, 3, 4, 6, 7, 10, 11, 13, 16, 19, 22, 23, 26, 31, 36)
PAGE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-image-classifier name="garment" header="What is it?"
      src="{{ task.input.taskObject | grant_read_access }}"
      categories="{{ task.input.labels | to_json | escape }}">
    <full-instructions header="Garments">Choose what is worn like this.
    </full-instructions>
    <short-instructions>One garment lies in each photograph.</short-instructions>
  </crowd-image-classifier>
</crowd-form>"""


@cache
def drawn(seed: int) -> pd.DataFrame:
    """Draw the photographs of a seed: key, garment, pixels; leave the frame alone."""
    garments = pd.read_parquet(sample("garments.parquet"))
    chosen = garments.sample(IMAGES, random_state=state(seed)).reset_index(drop=True)
    keys = [f"{PREFIX}{number:03}.png" for number in chosen.index]
    return chosen.assign(key=keys)


def truth(seed: int) -> dict[str, str]:
    """Give what is on each photograph, by its key."""
    rows = drawn(seed)
    return dict(zip(rows["key"], rows["garment"], strict=True))


def land(given: Given, aws: Clients | None = None) -> Given:
    """Put what a labeling job needs into a bucket, once.

    Args:
        given: what `check.inputs` has drawn.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What the answer to the task is given.
    """
    if aws is None:
        from boto3 import client as aws
    bucket, rows = given["bucket"], drawn(given["seed"])
    categories = sorted(rows["garment"].unique())
    if bucket_made(aws, bucket):
        s3 = aws("s3")
        for row in rows.itertuples():
            s3.put_object(Bucket=bucket, Key=row.key, Body=_png(row.pixels))
        s3.put_object(Bucket=bucket, Key="page.liquid", Body=PAGE)
        config = {
            "document-version": "2018-11-28",
            "labels": [{"label": name} for name in categories],
        }
        body = json.dumps(config)
        s3.put_object(Bucket=bucket, Key="categories.json", Body=body)
    known = {f"s3://{bucket}/{key}": name for key, name in truth(given["seed"]).items()}
    crowd = dice(given["seed"], "crowd").choice(CROWDS)
    tell_crowd(known, seed=crowd, workers=EACH, careless=1 / EACH)
    return {
        "bucket": bucket,
        "photographs": PREFIX,
        "page": f"s3://{bucket}/page.liquid",
        "categories": f"s3://{bucket}/categories.json",
        "job": given["job"],
    }


def _png(pixels: bytes) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.frombytes("L", (SIDE, SIDE), pixels).save(made, "PNG")
    return made.getvalue()
