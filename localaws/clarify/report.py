"""The report: one notebook, one page of HTML and one PDF that say the same."""

import base64
import json
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

_A4 = (8.27, 11.69)
_WIDE = (7.2, 2.6)
_MOST = 30
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid "
    "#ccc;text-align:left}td:last-child{text-align:right}img{max-width:100%}"
)
_CODE = """\
import json

with open("analysis.json") as file:
    found = json.load(file)["pre_training_bias_metrics"]
[
    (facet, group["value_or_threshold"], metric["name"], metric["value"])
    for facet, groups in found["facets"].items()
    for group in groups
    for metric in group["metrics"]
]
"""
Table = list[tuple[str, str]]


@dataclass(frozen=True)
class Facts:
    """What a report shows.

    Attributes:
        metrics: The section of analysis.json.
        labels: Rows by label value.
        sizes: By facet, for each group: its text, its rows, its positive rows.
    """

    metrics: dict[str, Any]
    labels: dict[str, int]
    sizes: dict[str, list[tuple[str, int, int]]]


@dataclass(frozen=True)
class Section:
    """One part of a report.

    Attributes:
        heading: Its heading.
        text: A sentence below it.
        table: Lines of cells, the first of which is the head.
        bars: Names and lengths of the bars of its chart; none where the facet, or the
            label, has too many values for charts.
    """

    heading: str
    text: str
    table: Table
    bars: tuple[tuple[str, float], ...]


def write_report(path: Path, title: str, asked: dict[str, Any], facts: Facts) -> None:
    """Write the three copies of a report.

    Args:
        path: Of the files, without their extensions.
        title: The report's title.
        asked: The analysis configuration.
        facts: What is shown.
    """
    parts = sections(facts)
    config = json.dumps(asked, indent=2)
    # a value such as "$100 - $200" is no formula
    with rc_context({"text.parse_math": False}):
        charts = [_png(part) for part in parts]
        _pdf(path.with_name(f"{path.name}.pdf"), title, config, parts)
    notebook = json.dumps(_notebook(title, config, parts, charts), indent=1)
    path.with_name(f"{path.name}.ipynb").write_text(f"{notebook}\n", encoding="utf-8")
    page = _html(title, config, parts, charts)
    path.with_name(f"{path.name}.html").write_text(page, encoding="utf-8")


def sections(facts: Facts) -> list[Section]:
    """Return the label's section, and one for each group of each facet."""
    metrics, rows = facts.metrics, sum(facts.labels.values())
    table = [("label", "rows"), *((k, f"{n:,}") for k, n in facts.labels.items())]
    found = [
        Section(
            f"Label {metrics['label']}",
            f"{rows:,} rows; the positive outcome is "
            f"{metrics['label_value_or_threshold']}.",
            table,
            tuple(facts.labels.items()) if len(facts.labels) <= _MOST else (),
        )
    ]
    for facet, groups in metrics["facets"].items():
        for group, (text, size, positive) in zip(
            groups, facts.sizes[facet], strict=True
        ):
            values = [
                (m["name"], m["description"], m["value"], m.get("error", ""))
                for m in group["metrics"]
            ]
            lines = [(d, e if v is None else f"{v:.6f}") for _, d, v, e in values]
            found.append(
                Section(
                    f"Facet {facet}: {text}",
                    f"{size:,} of {rows:,} rows, {positive / size:.1%} of them with "
                    "the positive outcome.",
                    [("pre-training bias metric", "value"), *lines],
                    tuple(
                        (name, value)
                        for name, _, value, _ in values
                        if value is not None and len(groups) <= _MOST
                    ),
                )
            )
    return found


def _drawn(figure: Figure, part: Section, place: tuple[float, ...]) -> None:
    axes = figure.add_axes(place)
    names = [name for name, _ in part.bars]
    axes.barh(names, [value for _, value in part.bars], color="#3b6ea5")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)


def _png(part: Section) -> str:
    if not part.bars:
        return ""
    figure = Figure(figsize=_WIDE, dpi=80)
    _drawn(figure, part, (0.15, 0.15, 0.8, 0.8))
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()


def _markdown(part: Section) -> str:
    head, *lines = part.table
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    shown = [f"| {' | '.join(line)} |" for line in cells]
    rule = f"|{' --- |' * len(head)}"
    title = f"## {part.heading}"
    return "\n".join(
        [title, "", part.text, "", f"| {' | '.join(head)} |", rule, *shown]
    )


def _notebook(
    title: str, config: str, parts: list[Section], charts: list[str]
) -> dict[str, Any]:
    texts = [f"# {title}", f"## Analysis configuration\n\n```json\n{config}\n```"]
    for part, chart in zip(parts, charts, strict=True):
        image = f"\n\n![chart](data:image/png;base64,{chart})" if chart else ""
        texts.append(f"{_markdown(part)}{image}")
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": f"text-{n}", "metadata": {}, "source": text}
        for n, text in enumerate(texts)
    ]
    code = {"cell_type": "code", "id": "code", "metadata": {}, "source": _CODE}
    cells.append({**code, "execution_count": None, "outputs": []})
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _html(title: str, config: str, parts: list[Section], charts: list[str]) -> str:
    body = [f"<h1>{escape(title)}</h1>"]
    body.append(f"<h2>Analysis configuration</h2><pre>{escape(config)}</pre>")
    for part, chart in zip(parts, charts, strict=True):
        body.append(f"<h2>{escape(part.heading)}</h2><p>{escape(part.text)}</p>")
        head, *lines = part.table
        body.append("<table>" + _line("th", head))
        body += [_line("td", line) for line in lines]
        body.append("</table>")
        if chart:
            body.append(f'<img alt="chart" src="data:image/png;base64,{chart}">')
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _line(tag: str, cells: tuple[str, str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _pdf(path: Path, title: str, config: str, parts: list[Section]) -> None:
    with PdfPages(path, metadata={"Title": title, "CreationDate": None}) as pages:
        figure = Figure(figsize=_A4)
        figure.text(0.1, 0.92, title, size=18)
        figure.text(0.1, 0.89, config[:4000], size=7, family="monospace", va="top")
        pages.savefig(figure)
        for part in parts:
            figure = Figure(figsize=_A4)
            figure.text(0.1, 0.92, part.heading, size=14)
            figure.text(0.1, 0.89, part.text, size=9)
            height = 0.85
            for name, value in part.table[:40]:
                figure.text(0.1, height, name, size=9)
                figure.text(0.9, height, value, size=9, ha="right")
                height -= 0.018
            if part.bars:
                tall = min(0.3, height - 0.1)
                _drawn(figure, part, (0.2, height - tall - 0.02, 0.7, tall))
            pages.savefig(figure)
