import time

import pytest

from coder_tui.prompts.template import TemplateError, render

MESSAGES = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]


def show(source: str, **variables: object) -> str:
    return render(source, {"messages": MESSAGES, **variables}, size=100)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% for m in messages %}\n  {{ m.role }}\n{% endfor %}\n", "  user\n  assistant\n"),
        ("{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m['content'] }}{% endfor %}", "yo"),
        ("{% for m in messages %}{{ m.content }}{% break %}{% endfor %}", "hi"),
        ("{{ messages | tojson }}", '[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]'),
        ("{{ {'a': '<é>'} | tojson(indent=2) }}", '{\n  "a": "<é>"\n}'),
        ("{{ messages[0].content ~ '-' ~ 1 }}", "hi-1"),
        (
            "{% set ns = namespace(n='') %}{% for m in messages %}{% set ns.n = m.role %}{% endfor %}{{ ns.n }}",
            "assistant",
        ),
        ("{{ tools is defined and tools is not none }}{{ nothing is defined }}", "FalseFalse"),
        ("{% macro f(x) %}[{{ x | trim }}]{% endmacro %}{{ f(' a ') }}", "[a]"),
        ("{{ messages[1:] | length }}{{ messages[::-1][0]['role'] }}", "1assistant"),
        ("{{ ' a b '.strip().split(' ')[-1] }}", "b"),
        ("{{ big }}", "123456789"),
        ("{{ 'x' * 3 }}{{ 2 ** 3 }}{{ 7 % 4 }}", "xxx83"),
    ],
)
def test_what_templates_use(source: str, text: str) -> None:
    assert show(source, tools=None, big=123456789) == text


def test_the_time_is_there() -> None:
    assert show("{{ strftime_now('%Y') }}") == time.strftime("%Y")


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('no') }}",
        "{% for m in messages %}",
        "{{ 1 / 0 }}",
        "{{ messages[0].nothing.more }}",
        "{{ messages | nofilter }}",
        "{{ messages.append(1) }}",
        "{{ ''.__class__.__mro__ }}",
        "{% include 'secret' %}",
        "{{ messages[9].content }}",
        "{{ [1] + 'a' }}",
        "{% for i in messages %}" * 30 + "{% endfor %}" * 30,
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "x" * (1 << 19),
    ],
    ids=range(13),
)
def test_what_fails_says_so_in_one_line(source: str) -> None:
    with pytest.raises(TemplateError) as caught:
        show(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{{ 'x' * 10**9 }}",
        "{{ 'x' * 5000 * 5000 }}",
        "{{ 'x'.ljust(10**9) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 9999 ** 9999999 }}",
        "{{ 'x' | center(1000000000) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% set s = namespace(t='x') %}{% for i in range(64) %}{% set s.t = s.t ~ s.t %}{% endfor %}",
        "{% set s = namespace(t='x') %}{% for i in range(64) %}{% set s.t = s.t + s.t %}{% endfor %}",
        "{% set s = namespace(t=[1]) %}{% for i in range(64) %}{% set s.t = s.t + s.t %}{% endfor %}",
        "{% for i in range(9000) %}{{ 'x' * 1000 }}{% endfor %}",
        "{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}" + "{% endfor %}" * 4,
    ],
    ids=range(15),
)
def test_what_costs_too_much_fails_soon(source: str) -> None:
    started = time.monotonic()
    with pytest.raises(TemplateError):
        show(source, l=list(range(50)))
    assert time.monotonic() - started < 20
