"""Show what a cell has found: a table, a chart, a chain of steps, a source file.

Every form is the same in each run, byte for byte, and says itself in words as well:
tables and listings are Markdown, which reads well where nothing renders it, and each
picture carries its alternative text. Colours are those of Okabe and Ito, which people
with any colour vision can tell apart.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame, Series

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, AMBER, SKY = "#CC79A7", "#E69F00", "#56B4E9"
INK, MUTED, FAINT = "#222222", "#767676", "#E4E4E4"

STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "figure.dpi": 80,
    "savefig.dpi": 80,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": FAINT,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.left": False,
}


class Markdown:
    """Text that a notebook renders, and that reads well where nothing does."""

    def __init__(self, text: str, plain: str | None = None) -> None:
        self._text, self._plain = text, text if plain is None else plain

    def __repr__(self) -> str:
        return self._plain

    def _repr_markdown_(self) -> str:
        return self._text


def source(path: Path | str, name: str = "") -> Markdown:
    """List a source file, or one function or class of it.

    Args:
        path: the file.
        name: a function or class at the top level of a Python file; empty for all.

    Raises:
        LookupError: if the file defines no such name.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    if name:
        named = [n for n in ast.parse(text).body if getattr(n, "name", "") == name]
        if not named:
            raise LookupError(f"{path.name} defines no {name!r}")
        decorators = getattr(named[0], "decorator_list", [])
        first = min(node.lineno for node in [named[0], *decorators])
        lines = text.splitlines()[first - 1 : named[0].end_lineno]
        text = "\n".join(lines)
    language = {".py": "python", ".sh": "bash", ".yaml": "yaml"}.get(path.suffix, "")
    fence = "````" if "```" in text else "```"
    listing = f"{fence}{language}\n{text.rstrip()}\n{fence}"
    return Markdown(f"**{path.name}**\n\n{listing}", f"# {path.name}\n{text.rstrip()}")


def table(frame: "DataFrame | Series", rows: int = 8) -> Markdown:
    """Lay out the first rows of a frame, numbers to the right and in one precision.

    An index is shown when it has a name.

    Args:
        frame: what to lay out; a series becomes one column.
        rows: at most so many rows.
    """
    frame = frame.to_frame() if frame.ndim == 1 else frame
    left = len(frame) - rows
    head = frame.head(rows)
    head = head.reset_index() if any(head.index.names) else head
    columns = [_column(str(name), head[name]) for name in head.columns]
    lines = ["| " + " | ".join(row) + " |" for row in zip(*columns, strict=True)]
    more = f"\n\n{left:,} more rows" if left > 0 else ""
    return Markdown("\n".join(lines) + more)


def _column(name: str, values: "Series") -> list[str]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    right = is_numeric_dtype(values.dtype) and not is_bool_dtype(values.dtype)
    cells = [name, *_numbers(values)] if right else [name, *_words(values)]
    cells = [cell.replace("|", "\\|").replace("\n", " ") for cell in cells]
    width = max(3, *(len(cell) for cell in cells))
    padded = [cell.rjust(width) if right else cell.ljust(width) for cell in cells]
    rule = "-" * (width - 1) + (":" if right else "-")
    return [padded[0], rule, *padded[1:]]


def _numbers(values: "Series") -> list[str]:
    known = [float(value) for value in values.dropna()]
    largest = max((abs(value) for value in known), default=0.0)
    whole = all(value.is_integer() for value in known)
    digits = 0 if whole else 1 if largest >= 100 else 2 if largest >= 10 else 3
    # Years and clock times, such as 2013 and 1545, take no thousands separator.
    comma = "," if largest >= 10_000 else ""
    gaps = values.isna()
    return [
        "—" if gap else f"{float(value):{comma}.{digits}f}"
        for value, gap in zip(values, gaps, strict=True)
    ]


def _words(values: "Series") -> list[str]:
    from pandas.api.types import is_datetime64_any_dtype

    if is_datetime64_any_dtype(values.dtype):
        days = (values.dropna() == values.dropna().dt.normalize()).all()
        values = values.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M")
    gaps = values.isna()
    return ["—" if gap else str(v) for v, gap in zip(values, gaps, strict=True)]


@contextmanager
def chart(
    title: str,
    *,
    alt: str,
    x: str = "",
    y: str = "",
    panels: int = 1,
    shared: bool = True,
    size: tuple[float, float] = (7.2, 3.4),
) -> Iterator[Any]:
    """Draw one chart in the course's style, shown when the block ends.

    Args:
        title: what the chart says, as a statement.
        alt: the same for a reader who cannot see it, with the numbers that matter.
        x: what runs along, with its unit.
        y: what is measured, with its unit; stands above the axis, where one reads.
        panels: charts side by side.
        shared: whether the panels have one y axis.
        size: width and height in inches; at 80 dots an inch.

    Yields:
        A matplotlib Axes, or an array of them if there are several panels.
    """
    from matplotlib import cycler, rc_context
    from matplotlib.figure import Figure

    colours = cycler(color=[BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY])
    with rc_context({**STYLE, "axes.prop_cycle": colours}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(1, panels, sharey=shared)
        yield axes
        first = axes if panels == 1 else axes[0]
        for each in [axes] if panels == 1 else axes:
            each.set_xlabel(x or each.get_xlabel(), color=MUTED)
        if y:
            first.set_title(y, fontsize=10, color=MUTED, loc="left")
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, weight="bold")
        _display(figure, alt)


def steps(*names: str, alt: str, colour: str = BLUE) -> None:
    """Draw a chain of boxes joined by arrows, such as a path of data.

    Args:
        names: one box each; a line break in a name breaks the line.
        alt: the same in words.
        colour: of the boxes' edges.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(7.2, 1.2))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, len(names)), ylim=(0, 1))
        axes.axis("off")
        box = {"boxstyle": "round,pad=0.6", "facecolor": "white", "edgecolor": colour}
        style = {"ha": "center", "va": "center", "linespacing": 1.4, "bbox": box}
        middles = [(place + 0.5, 0.5) for place in range(len(names))]
        boxes = [
            axes.text(*at, n, **style) for at, n in zip(middles, names, strict=True)
        ]
        for place in range(1, len(names)):
            arrow = {
                "arrowstyle": "-|>",
                "color": MUTED,
                "patchA": boxes[place - 1].get_bbox_patch(),
                "patchB": boxes[place].get_bbox_patch(),
            }
            axes.annotate("", middles[place], middles[place - 1], arrowprops=arrow)
        _display(figure, alt)


def _display(figure: "Figure", alt: str) -> None:
    from IPython.display import display
    from PIL import Image

    drawn, png = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png")
    # A palette makes the file a third, and drops the drawing program's version.
    palette = Image.open(drawn).convert("RGB").quantize(96, dither=Image.Dither.NONE)
    palette.save(png, "PNG", optimize=True)
    bundle = {"image/png": png.getvalue(), "text/plain": alt}
    display(bundle, raw=True, metadata={"image/png": {"alt": alt}})
