"""DQDL, parsed by lark: `grammar.lark` follows AWS's own grammar, awslabs/dqdl."""

import functools
import re
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from localaws.quality.errors import RulesetError
from localaws.quality.rule_types import check, check_analyzer
from localaws.quality.ruleset import (
    Binary,
    Call,
    Composite,
    Condition,
    Duration,
    Keyword,
    Node,
    Number,
    Operand,
    Rule,
    Ruleset,
    Text,
)

_GRAMMAR = Path(__file__).with_name("grammar.lark")
_SECONDS = {"day": 86400, "hour": 3600, "minute": 60}


def parse(text: str) -> Ruleset:
    """Read a ruleset.

    Raises:
        RulesetError: It is not DQDL; the message says line and column.
        Refused: It asks for something that does not act here.
    """
    try:
        found: Ruleset = _Reader(text).transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise RulesetError(_place(error)) from error
    except VisitError as error:
        raise error.orig_exc from error
    for rule in found.every():
        check(rule)
    for analyzer in found.analyzers:
        check_analyzer(analyzer)
    return found


@functools.cache
def _parser() -> Lark:
    grammar = _GRAMMAR.read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False
    )


def _place(error: UnexpectedInput) -> str:
    said = "unexpected character"
    line, column = error.line, error.column
    if isinstance(error, UnexpectedToken):
        end = error.token.type == "$END"
        said = "unexpected end" if end else f"unexpected '{error.token}'"
        if end:
            line = error.token.end_line or 1
            column = error.token.end_column
    return f"Parsing Error: line {line}:{max(int(column or 1) - 1, 0)} {said}"


def _unquoted(token: str) -> str:
    return token[1:-1].replace('\\"', '"')


class _Reader(Transformer):
    """Turns the tree of a text into its ruleset."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._constants: dict[str, str] = {}
        for name, value in re.findall(r'(\w+)\s*=\s*("(?:\\"|[^"])*")', text):
            self._constants.setdefault(name, _unquoted(value))

    def _source(self, meta: Any) -> str:
        lines = self._text[meta.start_pos : meta.end_pos].splitlines()
        kept = (re.sub(r'#[^"]*$', "", line).strip() for line in lines)
        return " ".join(filter(None, kept))

    def _about(self, meta: Any) -> dict[str, str]:
        place = f"line {meta.line}:{meta.column - 1}"
        return {"text": self._source(meta), "place": place}

    def start(self, parts: list[Any]) -> Ruleset:
        """Gather the sections."""
        found: dict[str, Any] = dict(part for part in parts if isinstance(part, tuple))
        if "rules" not in found and "analyzers" not in found:
            raise RulesetError("Parsing Error: no Rules and no Analyzers are given")
        defaults = found.get("defaults", {})
        rules = tuple(_labelled(one, defaults) for one in found.get("rules", ()))
        return Ruleset(rules, tuple(found.get("analyzers", ())))

    def constant(self, parts: list[Any]) -> None:
        """Constants are known before the tree is."""

    def default_labels(self, parts: list[Any]) -> tuple[str, Any]:
        """Return labels of every rule."""
        return "defaults", parts[0]

    def rules(self, parts: list[Any]) -> tuple[str, Any]:
        """Return the rules."""
        return "rules", parts

    def analyzers(self, parts: list[Any]) -> tuple[str, Any]:
        """Return the analyzers."""
        return "analyzers", parts

    @v_args(meta=True)
    def analyzer(self, meta: Any, parts: list[Any]) -> Rule:
        """Return one analyzer."""
        return Rule(str(parts[0]), tuple(parts[1:]), **self._about(meta))

    @v_args(meta=True)
    def single(self, meta: Any, parts: list[Any]) -> Rule:
        """Return one rule."""
        found: dict[str, Any] = {}
        parameters = [part for part in parts[1:] if isinstance(part, str)]
        for part in parts[1:]:
            if isinstance(part, Condition):
                found["condition"] = part
            elif isinstance(part, tuple):
                found[part[0]] = part[1]
        found |= self._about(meta)
        return Rule(str(parts[0]), tuple(parameters), **found)

    def where(self, parts: list[Any]) -> tuple[str, Any]:
        """Return the filter."""
        return "where", _unquoted(parts[0])

    def threshold(self, parts: list[Any]) -> tuple[str, Any]:
        """Return the condition of the share."""
        return "threshold", parts[0]

    def labels(self, parts: list[Any]) -> tuple[str, Any]:
        """Return a rule's labels."""
        return "labels", parts[0]

    def pairs(self, parts: list[Any]) -> dict[str, str]:
        """Return labels."""
        return dict(parts)

    def pair(self, parts: list[Any]) -> tuple[str, str]:
        """Return one label."""
        return _unquoted(parts[0]), _unquoted(parts[1])

    @v_args(meta=True)
    def labelled(self, meta: Any, parts: list[Any]) -> Node:
        """Return a composite rule with its labels and its text."""
        node = parts[0]
        labels = parts[1][1] if len(parts) > 1 else {}
        if isinstance(node, Rule):
            return Rule(**{**vars(node), "labels": {**node.labels, **labels}})
        return Composite(node.all_of, node.parts, self._source(meta), labels)

    def inner(self, parts: list[Any]) -> Node:
        """Return what stands in brackets."""
        return parts[0]

    def both(self, parts: list[Any]) -> Node:
        """Return rules that are joined by `and`."""
        return Composite(True, tuple(p for p in parts if not isinstance(p, Token)))

    def either(self, parts: list[Any]) -> Node:
        """Return rules that are joined by `or`."""
        return Composite(False, tuple(p for p in parts if not isinstance(p, Token)))

    def quoted(self, parts: list[Any]) -> str:
        """Return a parameter in quotes."""
        return _unquoted(parts[0])

    def bare(self, parts: list[Any]) -> str:
        """Return a parameter without quotes."""
        return str(parts[0])

    def variable(self, parts: list[Any]) -> str:
        """Return the value of a constant."""
        name = parts[0][1:]
        if name not in self._constants:
            where = f"line {parts[0].line}:{parts[0].column - 1}"
            raise RulesetError(f"Parsing Error: {where} no constant is named {name}")
        return self._constants[name]

    def comparison(self, parts: list[Any]) -> Condition:
        """Return a comparison with one operand."""
        return Condition(str(parts[0]), (parts[1],))

    def between(self, parts: list[Any]) -> Condition:
        """Return a comparison with two bounds."""
        return _listed("between", parts)

    def within(self, parts: list[Any]) -> Condition:
        """Return a comparison with a list."""
        return _listed("in", parts)

    def matching(self, parts: list[Any]) -> Condition:
        """Return a comparison with a pattern."""
        pattern = Text(_unquoted(parts[-1]))
        return Condition("matches", (pattern,), negated=len(parts) > 1)

    def text(self, parts: list[Any]) -> Operand:
        """Return a quoted operand."""
        return Text(_unquoted(parts[0]))

    def keyword(self, parts: list[Any]) -> Operand:
        """Return a keyword."""
        return Keyword(parts[0].upper())

    def number(self, parts: list[Any]) -> Operand:
        """Return a number."""
        return Number(float(parts[0]))

    def signed(self, parts: list[Any]) -> Operand:
        """Return a number with a sign."""
        return Number(float("".join(parts)))

    def duration(self, parts: list[Any]) -> Operand:
        """Return a time span."""
        return Duration(float(parts[0]) * _SECONDS[parts[1].rstrip("s")])

    def call(self, parts: list[Any]) -> Operand:
        """Return a function."""
        return Call(str(parts[0]), tuple(parts[1:]))

    def binary(self, parts: list[Any]) -> Operand:
        """Return two operands with their sign."""
        return Binary(str(parts[1]), parts[0], parts[2])


def _is_not(part: Any) -> bool:
    return isinstance(part, Token) and part.type == "NOT"


def _is_operand(part: Any) -> bool:
    return not isinstance(part, Token)


def _listed(operator: str, parts: list[Any]) -> Condition:
    operands = tuple(part for part in parts if _is_operand(part))
    return Condition(operator, operands, negated=_is_not(parts[0]))


def _labelled(node: Node, defaults: dict[str, str]) -> Node:
    return type(node)(**{**vars(node), "labels": {**defaults, **node.labels}})
