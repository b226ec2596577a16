"""Notebooks that take a moment: one that runs, and some that do not."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.authoring import tidy

SETUP = "from helpers import cloud\n\ncloud.start()"
BUCKET = 'import boto3\n\nboto3.client("s3").create_bucket(Bucket="on-time-desk")'
MISSING = 'boto3.client("s3").head_object(Bucket="on-time-desk", Key="none")'


@pytest.fixture
def notebook(tmp_path):
    """Make a notebook of code cells: `notebook("1 + 1", tags={0: ["parameters"]})`."""

    def make(*sources, tags=None, name="lesson"):
        cells = [new_markdown_cell("# Title", id="title")]
        for number, source in enumerate(sources):
            metadata = {"tags": (tags or {}).get(number, [])}
            cell = new_code_cell(source, id=f"step-{number}", metadata=metadata)
            cells.append(cell)
        path = tmp_path / f"{name}.ipynb"
        tidy.write(new_notebook(cells=cells), path)
        return path

    return make


@pytest.fixture
def working(notebook):
    """A notebook that starts the cloud, makes a bucket, and fails where it says so."""
    tags = {2: ["raises-exception"]}
    return notebook(SETUP, BUCKET + "\nNone", MISSING, tags=tags)
