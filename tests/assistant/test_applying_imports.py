"""What an answer imports, and what it leaves out above its definitions."""

from __future__ import annotations

import pytest

from coder_tui.assistant.applying import applied

OTHER = "def f():\n    import re\n\n\n"
G, NEW_G = "def g():\n    pass\n", "def g():\n    return 1\n"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("import os\n\n\n", "", "import os\nimport sys\n\n\n"),
        ("import os\nif os:\n    import re\n\n\n", "", "import os\nif os:\n    import re\nimport sys\n\n\n"),
        ("import os\n\n\n", "\n\nfrom . import late\n", "import os\nimport sys\n\n\n"),
        ("", "", "import sys\n\n\n"),
    ],
)
def test_what_is_imported_stands_with_the_imports_of_the_file(before: str, after: str, wanted: str) -> None:
    found = applied(before + OTHER + G + after, f"import sys\n\n\n{NEW_G}", path="a.py", cursor=0)
    assert found == wanted + OTHER + NEW_G + after


def test_where_all_imports_stand_at_the_end_another_one_does_too() -> None:
    found = applied(f"{OTHER}{G}\n\nimport late\n", f"import sys\n\n\n{NEW_G}", path="a.py", cursor=0)
    assert found == f"{OTHER}{NEW_G}\n\nimport late\nimport sys\n"


HEAD = "#!/usr/bin/env python\n# Of the shop.\nimport json\nimport os\n\n\n"
LOAD, NEW_LOAD = "def load(path):\n    return open(path)\n", "def load(path):\n    return json.load(open(path))\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (NEW_LOAD, HEAD + NEW_LOAD),
        ("import re\n\n\n" + NEW_LOAD, HEAD.replace("os\n", "os\nimport re\n") + NEW_LOAD),
        ("import json\n\n\n" + NEW_LOAD, HEAD + NEW_LOAD),
        (HEAD.replace("import os\n", "") + NEW_LOAD, HEAD.replace("import os\n", "") + NEW_LOAD),
    ],
)
def test_an_answer_of_definitions_alone_takes_away_no_imports(code: str, wanted: str) -> None:
    assert applied(HEAD + LOAD, code, path="a.py", cursor=0) == wanted


def test_where_it_is_not_clear_which_definition_is_meant_the_answer_is_the_file() -> None:
    twice = LOAD + "\n\n" + NEW_LOAD
    assert applied(HEAD + twice, twice, path="a.py", cursor=0) == twice


GO_FILE = 'package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc Do() {}\n\nfunc Other() {}\n'
PY_FILE = "from a import (\n    b,\n    c,\n)\nimport d\n\n\ndef do(): ...\n\n\ndef other(): ...\n"
JS_FILE = "import {\n  b,\n  c\n} from 'a';\n\nfunction go() {}\n\nfunction other() {}\n"


GO_CODE, PY_CODE, JS_CODE = "func Do() { x() }\n", "def do():\n    x()\n", "function go() { x() }\n"


@pytest.mark.parametrize(
    ("path", "imports", "new"),
    [
        ("a.go", 'import (\n\t"fmt"\n\t"strings"\n)\n', 'import "strings"\n'),
        ("a.go", 'import (\n\t"os"\n\t"fmt"\n)\n', ""),
        ("a.go", 'import "strings"\n', 'import "strings"\n'),
        ("a.py", "from a import (\n    b,\n    e,\n)\n", "from a import (\n    e,\n)\n"),
        ("a.py", "from a import (\n    c,\n    b\n)\nimport d\n", ""),
        ("a.js", "import {\n  c,\n  e\n} from 'a';\n", "import {\n  e\n} from 'a';\n"),
    ],
)
def test_imports_of_several_lines_are_put_in_whole(path: str, imports: str, new: str) -> None:
    text, end, old, code = {
        "a.go": (GO_FILE, ")\n", "func Do() {}\n", GO_CODE),
        "a.py": (PY_FILE, "import d\n", "def do(): ...\n", PY_CODE),
        "a.js": (JS_FILE, "} from 'a';\n", "function go() {}\n", JS_CODE),
    }[path]
    wanted = text.replace(end, end + new, 1).replace(old, code)
    assert applied(text, f"{imports}\n{code}", path=path, cursor=0) == wanted
