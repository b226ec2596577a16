"""Objects of a student as the prober sees them: each act happens in his own box."""

import io
import pickle
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from helpers.grading.crossing import failures, values

JSON = dict[str, Any]
Ask = Callable[[JSON], JSON]
MOST_ITEMS = 200_000

# By the special method that an object must have to allow it.
ACTS = {
    "__call__": "call",
    "__iter__": "iter",
    "__next__": "next",
    "__len__": "len",
    "__getitem__": "item",
    "__contains__": "contains",
    "__float__": "float",
    "__int__": "int",
    "__index__": "index",
    "__bool__": "bool",
    "__array__": "array",
}
RETURNS = {"len": int, "index": int, "int": int, "float": float, "bool": bool}
RETURNS |= {"str": str, "repr": str, "contains": bool}


class Remote:
    """Stands for an object that stays in the student's box."""

    def __init__(self, far: "Far", handle: int, kind: str) -> None:
        vars(self).update(_far=far, _handle=handle, _kind=kind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{self._kind!r} object has no attribute {name!r}")
        return self._far.act(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a probe sets nothing on what an answer has returned")

    def __repr__(self) -> str:
        return self._far.act(self, "repr")

    def __str__(self) -> str:
        return self._far.act(self, "str")


class Far:
    """The other side of a connection to a student's box.

    Attributes:
        ask: sends what is to be done there, and gives the reply.
        secret: bytes that may not go there.
    """

    def __init__(self, ask: Ask, secret: tuple[bytes, ...] = ()) -> None:
        self.ask, self.secret = ask, secret

    def act(self, on: "Remote | None", what: str, *given: Any, **named: Any) -> Any:
        """Do something with an object there, and give what comes of it.

        Raises:
            Exception: what the student's code has raised.
        """
        handle = 0 if on is None else on._handle
        reply = self.ask(
            {
                "op": "do",
                "handle": handle,
                "what": what,
                "arguments": dumped((given, named), self.secret),
            }
        )
        return self.result(reply, RETURNS.get(what))

    def result(self, reply: JSON, kind: type | None = None) -> Any:
        """Give the value of a reply, or raise its exception; `kind` is its type."""
        if isinstance(reply.get("raised"), dict):
            raise failures.again(reply["raised"])
        value = values.decoded(reply.get("value"), self._found)
        if kind is not None and type(value) is not kind:
            raise TypeError(f"not a {kind.__name__}: {type(value).__name__}")
        return value

    def _found(self, sent: JSON) -> "Remote":
        able = frozenset(name for name in sent["able"] if name in ACTS)
        return _class(able)(self, int(sent["handle"]), str(sent["kind"])[:100])


@cache
def _class(able: frozenset[str]) -> type[Remote]:
    """Make a class with those special methods that an object has."""

    def method(name: str) -> Callable[..., Any]:
        def act(self: Remote, *given: Any, **named: Any) -> Any:
            return self._far.act(self, ACTS[name], *given, **named)

        return act

    members: JSON = {name: method(name) for name in able - {"__iter__"}}
    if "__iter__" in able:
        members["__iter__"] = _items
    return type("Remote", (Remote,), members)


def _items(self: Remote) -> Iterator[Any]:
    """Go through an object there, some items at a time."""
    walker, count = self._far.act(self, "iter"), 0
    while count < MOST_ITEMS:
        items, more = self._far.act(walker, "next_items")
        yield from items
        count += len(items)
        if not more:
            return
    raise ValueError(f"more than {MOST_ITEMS:,} items")


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> int | None:
        return value._handle if isinstance(value, Remote) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, kept: Callable[[int], Any]) -> None:
        super().__init__(file)
        self._kept = kept

    def persistent_load(self, handle: int) -> Any:
        return self._kept(handle)


def dumped(value: Any, secret: tuple[bytes, ...] = ()) -> str:
    """Pickle what the prober gives.

    Raises:
        RuntimeError: if a secret is in it.
    """
    file = io.BytesIO()
    _Pickler(file, protocol=5).dump(value)
    body = file.getvalue()
    if any(each in body for each in secret):
        raise RuntimeError("the hidden seed is among the arguments of an answer")
    return b64encode(body).decode()


def loaded(text: str, kept: Callable[[int], Any]) -> Any:
    """Unpickle it in the student's box; `kept` gives the objects that stayed there."""
    return _Unpickler(io.BytesIO(b64decode(text)), kept).load()
