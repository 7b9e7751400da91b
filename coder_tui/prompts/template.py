"""Rendering of a chat template that came with a model file, which may be anybody's program.

Jinja's immutable sandbox keeps it from Python's internals; this adds bounds on what it may cost: loop rounds, sizes of
strings and sequences, the size of the output and the time. A template that goes beyond them fails, it does not hang.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from coder_tui.core.errors import WeightsError

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes
    from jinja2.runtime import Context

MAX_SOURCE = 1 << 18
"""Characters of a template. The longest in use (tools, several languages) have some 20,000."""
MAX_ROUNDS = 50_000
"""Of all loops of one rendering together."""
MAX_NUMBER = 10_000
"""Largest number that a template may hand to a function or use as an exponent or factor."""
MAX_SUM = 1 << 25
"""Length of what `+` may put together; the messages' own text passes through here."""
MAX_MS = 2_000.0
MAX_EXTRA = 1 << 18
"""Characters that a template may add to the messages, in a string of its own or in the output."""

_FILTERS = (
    "abs capitalize count d default dictsort e escape first float int items join last length list lower map max min "
    "reject rejectattr replace reverse round safe select selectattr sort string sum title tojson trim unique upper"
)
"""Those that chat templates use and that cannot blow up a small value by a number."""


class TemplateError(WeightsError):
    """The template of a model file is broken, refuses the messages or costs too much."""


class _Meter:
    """What one rendering has cost so far."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rounds = 0
        self.deadline = time.monotonic() + MAX_MS / 1000

    def tick(self) -> str:
        self.rounds += 1
        if self.rounds > MAX_ROUNDS or time.monotonic() > self.deadline:
            raise TemplateError("the chat template of this model does not come to an end")
        return ""

    def sized(self, value: object) -> object:
        if isinstance(value, str | bytes | list | tuple) and len(value) > self.size:
            raise TemplateError("the chat template of this model makes more text than it should")
        return value

    def concat(self, *parts: object) -> object:
        return self.sized("".join(str(self.sized(part)) for part in parts))


def render(source: str, variables: Mapping[str, object], *, size: int) -> str:
    """The template's output. `size` is the number of characters in the messages.

    Raises TemplateError for a template that is broken, calls `raise_exception` or goes beyond the bounds.
    """
    from jinja2 import TemplateError as JinjaError

    if len(source) > MAX_SOURCE:
        raise TemplateError("the chat template of this model is too large")
    meter = _Meter(4 * size + MAX_EXTRA)
    try:
        parts: list[str] = []
        length = 0
        for part in _compiled(source).generate({**variables, **_functions(meter)}):
            length += len(part)
            meter.sized(part)
            meter.tick()
            if length > meter.size:
                raise TemplateError("the chat template of this model makes more text than it should")
            parts.append(part)
        return "".join(parts)
    except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"the chat template of this model failed: {_line(error)}") from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise TemplateError("the chat template of this model is too complex") from error


def _line(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def _functions(meter: _Meter) -> dict[str, object]:
    def refuse(message: object = "") -> str:
        raise TemplateError(f"the chat template of this model refuses the messages: {str(message)[:200]}")

    def now(form: object = "%d %b %Y") -> str:
        return time.strftime(str(form)[:64])

    return {"raise_exception": refuse, "strftime_now": now, "meter__": meter}


@cache
def _compiled(source: str) -> Template:
    from jinja2.environment import Template

    environment = _environment()
    tree = environment.parse(source)
    _metered(tree)
    return Template.from_code(environment, environment.compile(tree), environment.make_globals(None))


def _metered(tree: nodes.Template) -> None:
    """Puts a tick into every loop and macro, and makes each `~` and `{% set %}` block a call that looks at sizes."""
    from jinja2 import nodes
    from jinja2.visitor import NodeTransformer

    def call(method: str, *arguments: nodes.Expr) -> nodes.Call:
        function = nodes.Getattr(nodes.Name("meter__", "load"), method, "load")
        return nodes.Call(function, list(arguments), [], None, None)

    class Meters(NodeTransformer):
        def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (the visitor's own naming)
            self.generic_visit(node)
            node.body.insert(0, nodes.ExprStmt(call("tick")))
            return node

        def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
            self.generic_visit(node)
            node.body.insert(0, nodes.ExprStmt(call("tick")))
            return node

        def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
            self.generic_visit(node)
            return call("concat", *node.nodes)

        def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
            # Every value that a template built up by itself passes through a variable sooner or later.
            return call("sized", node) if node.ctx == "load" and node.name != "meter__" else node

    Meters().visit(tree)
    tree.set_environment(_environment())


@cache
def _environment() -> Environment:
    from jinja2.exceptions import SecurityError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["*", "**", "+", "%"])

        def wrap_str_format(self, value: object) -> None:
            """A width in a format makes a text of any length."""
            name = getattr(value, "__name__", "")
            if isinstance(getattr(value, "__self__", None), str) and name in ("format", "format_map"):
                raise SecurityError("str.format")

        def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
            if _too_much(operator, left, right):
                raise SecurityError(f"{operator} with values that large")
            return super().call_binop(context, operator, left, right)

        def call(self, context: Context, function: object, *values: object, **named: object) -> object:
            owner = getattr(function, "__self__", None)
            if not isinstance(owner, _Meter) and any(
                _number(value) > MAX_NUMBER for value in (*values, *named.values())
            ):
                raise SecurityError("a number that large")
            return super().call(context, function, *values, **named)

    environment = Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters = {name: environment.filters[name] for name in _FILTERS.split()}
    environment.filters["tojson"] = _tojson
    environment.globals = {name: environment.globals[name] for name in ("range", "dict", "namespace")}
    return environment


def _too_much(operator: str, left: object, right: object) -> bool:
    """Whether an operator could make a huge value of small ones."""
    if operator == "%":
        return isinstance(left, str | bytes)
    if operator == "+":
        return _length(left) + _length(right) > MAX_SUM
    if max(_number(left), _number(right)) > MAX_NUMBER:
        return True
    return max(_length(left) * _number(right), _length(right) * _number(left)) > MAX_EXTRA


def _number(value: object) -> float:
    return abs(value) if isinstance(value, int | float) else 0


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def _tojson(value: object, ensure_ascii: bool = False, indent: int | None = None) -> str:
    """As the template libraries of model makers have it: no HTML escapes."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=None if indent is None else min(indent, 8))
