"""The first page as a learner sees it: JupyterLab, Run All Cells, the figure."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

STORED = Path(__file__).parents[2] / "notebooks" / "0_0_start_here.ipynb"
MILLISECONDS = 180_000


@pytest.mark.timeout(300)
def test_start_here_runs_in_jupyterlab(lab: Lab, page: Page, tmp_path: Path):
    notebook = nbformat.read(STORED, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, lab.folder / STORED.name)
    picture = tmp_path / "start_here.png"
    try:
        page.goto(f"{lab.url}lab/tree/{STORED.name}?token={lab.token}")
        cells = page.locator(".jp-Notebook .jp-CodeCell")
        expect(cells).to_have_count(len(code), timeout=MILLISECONDS)
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(
            timeout=MILLISECONDS
        )
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

        prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
        last = prompts.nth(len(code) - 1)
        expect(last).to_have_text(f"[{len(code)}]:", timeout=MILLISECONDS)

        page.keyboard.press("Control+s")
        expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=MILLISECONDS)
        ran = nbformat.read(lab.folder / STORED.name, as_version=4)
        for cell in (cell for cell in ran.cells if cell.cell_type == "code"):
            kinds = {output.output_type for output in cell.outputs}
            meant = "raises-exception" in cell.metadata.get("tags", ())
            assert ("error" in kinds) == meant, (cell.id, cell.outputs)

        figure = page.locator(".jp-OutputArea-output img").first
        figure.scroll_into_view_if_needed()
        width, height = figure.evaluate("i => [i.naturalWidth, i.naturalHeight]")
        assert width >= 200 and height >= 100
    finally:
        page.screenshot(path=picture)
        print(f"screenshot: {picture}")
