"""How the labelling tool looks, as HTML: the same alive and in a stored notebook."""

import base64
from html import escape
from typing import TYPE_CHECKING

from helpers.labelling.tasks import Task, kind_of
from helpers.show import AMBER, BLUE, GREEN, ORANGE, PURPLE, SKY

if TYPE_CHECKING:
    from helpers.labelling.labeller import Labeller

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY)
INK = "var(--jp-ui-font-color0, #222222)"
MUTED = "var(--jp-ui-font-color2, #767676)"
PAPER = "var(--jp-layout-color1, #ffffff)"
EDGE = "var(--jp-border-color2, #dddddd)"
FAINT = "var(--jp-layout-color2, #eeeeee)"
_ITEM = (
    f"display:flex;align-items:center;justify-content:center;min-height:180px;"
    f"padding:16px 24px;background:{FAINT};border-radius:8px;color:{INK}"
)
_TEXT = "font-size:20px;line-height:1.45;max-width:56ch;white-space:pre-wrap"
_BUTTON = (
    f"display:inline-block;margin:0 8px 8px 0;padding:7px 16px 7px 12px;color:{INK};"
    f"background:{PAPER};border:1px solid {EDGE};border-radius:6px;font-size:14px"
)


def colour(place: int) -> str:
    """Return the colour of a label, by its place among the labels."""
    return COLOURS[place % len(COLOURS)]


def words(labeller: "Labeller") -> str:
    """Return what the tool shows, in one line."""
    done = f"{labeller.labelled} of {labeller.total} labelled"
    task = labeller.task
    if task is None:
        return f"Labeller: {done}"
    item = (
        task.item if isinstance(task.item, str) else f"an image ({kind_of(task.item)})"
    )
    item = item if len(item) <= 60 else f"{item[:57]}..."
    return f"Labeller: {done}; next: {item}; labels: {', '.join(task.labels)}"


def head(labeller: "Labeller") -> str:
    """Return the question, and how far the work is."""
    done, total = labeller.labelled, labeller.total
    share = 100 * done / total if total else 100
    who = f"{escape(labeller.worker)} · " if labeller.worker else ""
    return (
        f'<div style="display:flex;justify-content:space-between;align-items:baseline;'
        f'color:{INK};line-height:1.5">'
        f'<span style="font-size:16px;font-weight:600">{escape(labeller.question)}'
        f'</span><span style="color:{MUTED};font-size:13px">{who}{done} of {total}'
        f'</span></div><div role="progressbar" aria-label="labelled" '
        f'aria-valuemin="0" aria-valuemax="{total}" aria-valuenow="{done}" '
        f'style="height:6px;margin:8px 0 12px;border-radius:3px;background:{FAINT};'
        f'overflow:hidden"><div style="width:{share:.1f}%;height:6px;'
        f'background:{BLUE}"></div></div>'
    )


def item(labeller: "Labeller") -> str:
    """Return what is to be labelled, or what came of it."""
    task = labeller.task
    inner = _finished(labeller) if task is None else _shown(task)
    return f'<div style="{_ITEM}">{inner}</div>'


def _shown(task: Task) -> str:
    if isinstance(task.item, str):
        return f'<div style="{_TEXT}">{escape(task.item)}</div>'
    data = base64.b64encode(task.item).decode()
    source = f"data:image/{kind_of(task.item)};base64,{data}"
    return (
        f'<img alt="image to label" src="{source}" '
        f'style="min-width:160px;min-height:160px;max-width:100%;max-height:420px;'
        f'object-fit:contain;image-rendering:auto;border-radius:4px">'
    )


def _finished(labeller: "Labeller") -> str:
    rows = "".join(
        f'<tr><td style="text-align:left;padding:2px 16px 2px 0">{escape(label)}</td>'
        f'<td style="text-align:right">{count}</td></tr>'
        for label, count in labeller.counts.most_common()
    )
    title = "All is labelled. Thank you." if labeller.total else "Nothing to label."
    return (
        f'<div><div style="font-size:18px;font-weight:600;margin-bottom:8px">{title}'
        f'</div><table style="font-size:14px;color:{INK}">{rows}</table></div>'
    )


def still(labeller: "Labeller") -> str:
    """Return the tool as a picture that nobody can press."""
    task = labeller.task
    buttons = "".join(
        f'<span style="{_BUTTON};border-left:6px solid {colour(place)}">'
        f'<b style="color:{MUTED}">{place + 1}</b>&nbsp; {escape(label)}</span>'
        for place, label in enumerate(task.labels if task else ())
    )
    return (
        f'<div style="box-sizing:border-box;max-width:760px;padding:16px 20px;'
        f"border:1px solid {EDGE};"
        f'border-radius:10px;background:{PAPER}">{head(labeller)}{item(labeller)}'
        f'<div style="margin-top:12px">{buttons}</div></div>'
    )
