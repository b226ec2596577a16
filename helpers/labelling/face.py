"""The labelling tool as widgets: buttons for the mouse, a line for the keys."""

from itertools import takewhile
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from helpers.labelling import picture

if TYPE_CHECKING:
    from helpers.labelling.labeller import Labeller

SKIP, UNDO = "s", "u"
_STYLE = f"""<style>
.mla-labeller {{max-width:760px; padding:16px 20px; border:1px solid {picture.EDGE};
  border-radius:10px; background:{picture.PAPER}; overflow:visible}}
.mla-labeller .widget-html, .mla-labeller .widget-html-content {{width:100%; margin:0;
  height:auto; overflow:visible; line-height:normal}}
.mla-labels {{flex-flow:row wrap; margin-top:12px; overflow:visible}}
.mla-labels .jupyter-button {{width:auto; height:36px; margin:0 8px 8px 0;
  padding:0 16px 0 12px; font-size:14px; color:{picture.INK}; text-align:left;
  background:{picture.PAPER}; border:1px solid {picture.EDGE}; border-radius:6px;
  transition:background 80ms}}
.mla-labels .jupyter-button:hover, .mla-labels .jupyter-button:focus
  {{background:{picture.FAINT}; box-shadow:none; outline:2px solid {picture.BLUE}}}
.mla-tools {{align-items:center; margin-top:2px; overflow:visible}}
.mla-tools .jupyter-button {{width:auto; background:transparent; padding:0 10px;
  margin:0 4px 0 0; color:{picture.MUTED}; border-radius:6px}}
.mla-tools .jupyter-button:hover:enabled {{background:{picture.FAINT}; box-shadow:none}}
.mla-tools .jupyter-button:disabled {{opacity:.35}}
.mla-keys {{width:250px; margin-left:auto}}
.mla-message {{color:{picture.ORANGE}; font-size:13px}}
"""


class Face:
    """The widgets of a labeller.

    Args:
        labeller: What they show, and what they do something to.
    """

    def __init__(self, labeller: "Labeller") -> None:
        self._labeller = labeller
        self._typed: list[bool] = []
        self._shown: tuple[str, ...] | None = None
        self._style = widgets.HTML()
        self._head, self._item = widgets.HTML(), widgets.HTML()
        self._labels = widgets.HBox().add_class("mla-labels")
        self._message = widgets.HTML().add_class("mla-message")
        self._undo = widgets.Button(description="Undo", icon="undo")
        self._skip = widgets.Button(description="Skip", icon="arrow-right")
        self._keys = widgets.Text(placeholder="keys").add_class("mla-keys")
        self._keys.continuous_update = True
        self._undo.on_click(lambda _: self._do(labeller.undo))
        self._skip.on_click(lambda _: self._do(labeller.skip))
        self._keys.observe(self._type, "value")
        tools = widgets.HBox([self._undo, self._skip, self._keys])
        parts = [self._style, self._head, self._item, self._labels]
        parts += [self._message, tools.add_class("mla-tools")]
        self.box = widgets.VBox(parts).add_class("mla-labeller")
        labeller.listen(self.draw)
        self.draw()

    def draw(self) -> None:
        """Show how things stand."""
        labeller = self._labeller
        self._head.value, self._item.value = (
            picture.head(labeller),
            picture.item(labeller),
        )
        labels = labeller.task.labels if labeller.task else ()
        if labels != self._shown:
            self._shown = labels
            self._labels.children = [
                self._button(place, label) for place, label in enumerate(labels)
            ]
            self._style.value = _STYLE + _edges(len(labels)) + "</style>"
            keys = f"1-{min(9, len(labels))}, {SKIP}, {UNDO}" if labels else UNDO
            self._keys.placeholder = f"by keys: click here, type {keys}"
        self._undo.disabled = not labeller.can_undo
        self._skip.disabled = labeller.total - labeller.labelled < 2
        self._keys.disabled = labeller.task is None and not labeller.can_undo

    def _button(self, place: int, label: str) -> widgets.Button:
        key = f"{place + 1}\u2002" if place < 9 else ""
        made = widgets.Button(description=f"{key}{label}", tooltip=label)
        made.on_click(lambda _: self._do(lambda: self._labeller.answer(label)))
        return made

    def _do(self, step: Any) -> bool:
        """Do a step; show why if it cannot be done."""
        self._message.value = ""
        try:
            step()
        except (ValueError, RuntimeError) as error:
            self._message.value = picture.escape(str(error))
            return False
        return True

    def _type(self, change: dict[str, Any]) -> None:
        """Do what was typed: each new character is a step, a deleted one an undo.

        The line is not emptied after each key: what a fast typist has added meanwhile
        would be lost or done twice.
        """
        old, new = change["old"], change["new"]
        pairs = zip(old, new, strict=False)
        same = sum(1 for _ in takewhile(lambda two: two[0] == two[1], pairs))
        while len(self._typed) > same:
            if self._typed.pop():
                self._labeller.undo()
        self._typed += [self._key(one) for one in new[same:]]

    def _key(self, key: str) -> bool:
        """Do what a key means; return whether deleting it takes a step back."""
        labels = self._labeller.task.labels if self._labeller.task else ()
        if key.isdecimal() and 1 <= int(key) <= len(labels):
            label = labels[int(key) - 1]
            return self._do(lambda: self._labeller.answer(label))
        if key.lower() == SKIP and labels:
            return self._do(self._labeller.skip)
        if key.lower() == UNDO:
            self._do(self._labeller.undo)
        return False


def _edges(count: int) -> str:
    return "".join(
        f".mla-labels .jupyter-button:nth-child({place + 1})"
        f"{{border-left:6px solid {picture.colour(place)}}}"
        for place in range(count)
    )
