"""Templates of pages: everything is escaped, and nothing in a page can run or load."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpers.grading.reports.hostile_text import line, shown


def render(template: str, **values: Any) -> str:
    """Give the text of a page.

    Args:
        template: its file in `templates`.
        values: what it shows.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "line": line, "percent": _percent}
    return environment


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
