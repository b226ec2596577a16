"""What a browser makes of the pages of a class with hostile submissions."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from helpers.grading import reports
from tests.browser.conftest import BROWSERS, FLAGS
from tests.helpers.grading.reports.conftest import Results, graded, run

__all__ = ["run"]

ATTACK = (
    "<script>document.title='taken'</script>"
    "<img src=x onerror=\"document.title='taken'\">"
    '<svg onload="document.title=\'taken\'"><a href="javascript:alert(1)">x</a>'
    "</pre></dd></section>{{ 7 * 7 }}<style>body{display:none}</style>"
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>"
    "\x1b[31mred\x1b]0;title\x07\u202egnp.\x00\ud800"
)


@pytest.fixture
def pages(run: Callable[[Results], Path]) -> Path:
    """The reports of a class in which everything that can be hostile is."""
    hostile = graded(ATTACK, True, False, name=ATTACK, file=ATTACK, notes=[ATTACK])
    hostile |= {"output": ATTACK, "sources": {"measure_bias": ATTACK}}
    for task in hostile["tasks"]:
        task |= {"found": ATTACK, "asked": ATTACK, "look": ATTACK}
    reason = {"file": ATTACK, "reason": ATTACK, "next": ATTACK}
    rejected = graded("bad", False, False, verdict="rejected", rejection=reason)
    folder = run([hostile, rejected | {"tasks": []}, graded("ann", True, False)])
    reports.write(folder)
    return folder


@pytest.fixture
def page() -> Iterator[Page]:
    """A tab of the browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser.new_page()
        browser.close()


def test_nothing_of_a_submission_runs_loads_or_hides(page: Page, pages: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    written = [pages / "class.html", *(pages / "students").iterdir()]
    assert len(written) == 4
    for path in written:
        page.goto(path.as_uri())
        assert page.title() != "taken"
        assert (
            page.locator(
                "script, img, svg, body style, meta[http-equiv=refresh]"
            ).count()
            == 0
        )
        assert page.locator("h1").is_visible()
        assert "javascript:" not in "".join(
            link.get_attribute("href") or "" for link in page.locator("a").all()
        )
        assert not set(page.locator("body").inner_text()) & set(
            "\x1b\x07\u202e\x00\ud800"
        )
    assert {url.partition("?")[0] for url in asked} == {
        path.as_uri() for path in written
    }
    page.goto(next((pages / "students").glob("script-*")).as_uri())
    assert "{{ 7 * 7 }}" in page.locator("h1").inner_text()


def test_a_student_reads_no_expected_answer_and_the_instructor_does(
    page: Page, pages: Path
) -> None:
    page.goto(next((pages / "students").glob("ann-*")).as_uri())
    text = page.locator("body").inner_text()
    assert "4711" not in text
    assert "Do as the lab says." in text and "your return statement" in text
    assert "1.3d" in text
    page.goto((pages / "class.html").as_uri())
    assert "4711" in page.locator("body").inner_text()
    page.get_by_role("link", name="ann").click()
    assert page.locator("h1").inner_text() == "ann: 50 of 100 points"
