"""The labelling tool as a learner uses it: clicks and keys in JupyterLab."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from localaws import client, daemon
from localaws.daemon import Connection
from tests.browser.conftest import Lab
from tests.conftest import work_role
from tests.localaws.sagemaker.labelled import BUCKET, Desk, manifest

MILLISECONDS = 60_000
TEXTS = ["Three hours late & no word", "My bag is in Lisbon", "Lovely crew"]
CELLS = [
    f"""from helpers import cloud
from helpers.labelling import Labeller, attach

cloud.start()
mine = Labeller({TEXTS!r}, ["delay", "luggage", "praise"], "What is it about?")
mine""",
    'attach("desk", worker="ana")',
    "print(mine.answers)",
]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tool live: where a clock stands it is shown as a picture."""
    monkeypatch.delenv("LOCALAWS_EPOCH")


@pytest.fixture
def own(person: None, lab: Lab) -> Iterator[Connection]:
    """The endpoint of the learner's JupyterLab."""
    connection = daemon.start()
    client.install(connection)
    yield connection
    client.uninstall()


@pytest.fixture
def desk(own: Connection) -> Desk:
    """A desk whose job waits for a worker of its team."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    role = work_role(boto3.client("iam"))
    made = Desk(own, role)
    lines = [{"source": text} for text in TEXTS]
    given = made.asked(lines, team=made.team(), workers=1)
    made.sagemaker.create_labeling_job(**given)
    return made


def finish(tool: Locator) -> None:
    """Expect that nothing is left to label."""
    expect(tool.get_by_text("All is labelled")).to_be_visible(timeout=MILLISECONDS)


@pytest.mark.timeout(300)
def test_labels_that_are_clicked_and_typed_arrive(
    desk: Desk, lab: Lab, page: Page, tmp_path: Path
) -> None:
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = KERNEL
    nbformat.write(notebook, lab.folder / "labels.ipynb")
    picture = tmp_path / "labels.png"
    try:
        page.goto(f"{lab.url}lab/tree/labels.ipynb?token={lab.token}")
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(
            timeout=MILLISECONDS
        )
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        tools = page.locator(".mla-labeller")
        expect(tools).to_have_count(2, timeout=MILLISECONDS)
        mine, job = tools.first, tools.last
        page.screenshot(path=picture)

        expect(page.get_by_text("[None, None, None]")).to_be_visible()
        expect(job.get_by_text("How is the passenger?")).to_be_visible()
        for text, label in zip(TEXTS, ("cross", "calm", "glad"), strict=True):
            expect(job.get_by_text(text)).to_be_visible()
            job.get_by_role("button", name=label).click()
        finish(job)
        ended = desk.ended("moods")
        assert ended["LabelingJobStatus"] == "Completed"
        found = [line["mood-metadata"]["class-name"] for line in manifest(ended)]
        assert found == ["cross", "calm", "glad"]

        keys = mine.get_by_role("textbox")
        keys.press_sequentially("13")
        expect(mine.get_by_text("2 of 3")).to_be_visible()
        keys.press("Backspace")
        expect(mine.get_by_text("1 of 3")).to_be_visible()
        keys.press_sequentially("s2")
        mine.get_by_role("button", name="Undo").click()
        mine.get_by_role("button", name="praise").click()
        luggage = mine.get_by_role("button", name="luggage")
        expect(mine.get_by_text(TEXTS[1])).to_be_visible()
        luggage.focus()
        page.keyboard.press("Enter")
        finish(mine)

        page.locator(".jp-CodeCell").last.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        wanted = "['delay', 'luggage', 'praise']"
        expect(page.get_by_text(wanted)).to_be_visible(timeout=MILLISECONDS)
        expect(page.locator(".jp-CodeCell")).to_have_count(len(CELLS))
    finally:
        page.screenshot(path=tmp_path / "end.png")
        print(f"screenshots: {picture}")
