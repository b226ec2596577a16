"""What a ruleset says, as data."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    """A number that is compared with."""

    value: float


@dataclass(frozen=True)
class Text:
    """A quoted text: a value, a date or a pattern."""

    value: str


@dataclass(frozen=True)
class Keyword:
    """`NULL`, `EMPTY` or `WHITESPACES_ONLY`."""

    name: str


@dataclass(frozen=True)
class Duration:
    """A time span such as `24 hours`, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """A function, such as `now()` or `avg(last(10))`."""

    name: str
    arguments: tuple["Operand", ...] = ()


@dataclass(frozen=True)
class Binary:
    """Two operands and the sign between."""

    sign: str
    left: "Operand"
    right: "Operand"


Operand = Number | Text | Keyword | Duration | Call | Binary


def calls(operand: Operand) -> Iterator[str]:
    """Yield the names of the functions in an operand."""
    if isinstance(operand, Call):
        yield operand.name
        for one in operand.arguments:
            yield from calls(one)
    elif isinstance(operand, Binary):
        yield from calls(operand.left)
        yield from calls(operand.right)


@dataclass(frozen=True)
class Condition:
    """What a value is held against.

    Attributes:
        operator: `=`, `!=`, `>`, `>=`, `<`, `<=`, `between`, `in` or `matches`.
        operands: What it is compared with.
        negated: Whether `not` stands before.
    """

    operator: str
    operands: tuple[Operand, ...]
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule, or one analyzer, which has no condition.

    Attributes:
        kind: Its type, such as `Completeness`.
        parameters: Columns and what else the type takes.
        condition: What its value is held against.
        where: Filter of the rows, in Spark's SQL.
        threshold: What the share of rows that pass is held against.
        labels: Its own and the default ones.
        text: As it was written, on one line.
        place: Line and column at which it begins.
    """

    kind: str
    parameters: tuple[str, ...] = ()
    condition: Condition | None = None
    where: str | None = None
    threshold: Condition | None = None
    labels: dict[str, str] = field(default_factory=dict)
    text: str = ""
    place: str = ""


@dataclass(frozen=True)
class Composite:
    """Rules of which all must hold, or one."""

    all_of: bool
    parts: tuple["Node", ...]
    text: str = ""
    labels: dict[str, str] = field(default_factory=dict)


Node = Rule | Composite


@dataclass(frozen=True)
class Ruleset:
    """The rules and analyzers of a ruleset, in order."""

    rules: tuple[Node, ...]
    analyzers: tuple[Rule, ...] = ()

    def every(self) -> Iterator[Rule]:
        """Yield each single rule."""
        for node in self.rules:
            yield from singles(node)


def singles(node: Node) -> Iterator[Rule]:
    """Yield each single rule of a rule."""
    if isinstance(node, Rule):
        yield node
        return
    for part in node.parts:
        yield from singles(part)
