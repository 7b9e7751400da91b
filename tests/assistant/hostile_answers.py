"""Applies hostile answers to a repository, and says what was opened for writing: for test_hostile.py.

Argument: a folder whose `root` is the repository. Prints an object.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

from edits.golden import corpus

from coder_tui.assistant.answer_changes import changes_of
from coder_tui.core.errors import CoderError
from coder_tui.edits import changing
from coder_tui.edits.answers import paths
from coder_tui.edits.changing import Place

base = Path(sys.argv[1]).resolve()
root = base / "root"
touched: set[str] = set()
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EVENTS = (
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
)


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
        names = arguments[:1]
    elif event in EVENTS:
        names = arguments[:2] if event in ("os.rename", "os.link", "os.symlink") else arguments[:1]
    elif event.startswith(("subprocess", "os.exec", "os.posix_spawn", "socket.connect")):
        names = () if "git" in str(arguments) else (f"/{event}",)
    else:
        return
    for name in names:
        if isinstance(name, str | bytes | os.PathLike):
            folder, file = os.path.split(os.fsdecode(name))
            real = str(Path(os.path.realpath(folder or ".")) / file)
            if real in (str(root), os.devnull):
                continue
            if not real.startswith(f"{root}/") or f"{root}/.git/" in f"{real}/":
                touched.add(f"{event} {real}")


PREFIXES = [
    "/", "//", "/home/", "../", "../../", "a/../../", "./../", "....//", "src/../../../", "~/", "~root/", "~",
    "C:\\", "c:/", "C:", "\\\\server\\share\\", "\\", "..\\", "a\\..\\..\\", ".git/", ".GIT/", ".Git/hooks/",
    "sub/.git/", "git~1/", ".git\u200c/", ".git./", ".git /", ".git::$INDEX_ALLOCATION/", "\u2025/",
    "\uff0e\uff0e/", "\uff0e\uff0e\uff0f", "%2e%2e/", "file:///", "http://host/", "link/", "link/sub/", "inner/",
    "inner/hooks/", "linked.py/", "\x00", "a\x00/", "\x1b[31m", "\n../", "\r../", "\t../", " ../", "../ ",
    "a/" * 400, "x" * 300, "nul/", "con.", "aux/", "deep/../.git/", "./.git/", "$HOME/", "${HOME}/", "`id`/",
    "$(id)/", ";", "|", "-", "--", ".ssh/", ".aws/", "node_modules/../../", "\u202e/", "/proc/self/cwd/", "/dev/",
    f"{base}/", f"{root}/../", f"{root}/.git/",
]  # fmt: skip
NAMES = [
    "x.py",
    "config",
    "hooks/pre-commit",
    "passwd",
    ".env",
    "id_rsa",
    "key.pem",
    "..",
    "",
    "a.py",
    "linked.py",
    "notes.txt",
]


def forms(name: str) -> list[str]:
    return [
        f"```py {name}\nx = 1\n```",
        f"`{name}`:\n\n```py\nx = 1\n```",
        f"```py\n# {name}\nx = 1\n```",
        f"```diff\n--- a/{name}\n+++ b/{name}\n@@ -0,0 +1 @@\n+x = 1\n```",
        f"--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+x = 1\n",
        f"{name}\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n",
        f"```diff\ndiff --git a/x b/{name}\nnew file mode 100644\n@@ -0,0 +1 @@\n+x = 1\n```",
    ]


def broken(random: random.Random, answers: list[str]) -> str:
    """An answer of the corpus, cut, spliced, with lines lost, doubled or exchanged, and marks put in anywhere."""
    lines = random.choice(answers).split("\n")
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(lines) + 1)
        kind = random.randrange(7)
        if kind == 0:
            lines = lines[:at]
        elif kind == 1:
            other = random.choice(answers).split("\n")
            lines = lines[:at] + other[random.randrange(len(other)) :]
        elif kind == 2:
            del lines[at : at + random.randint(1, 3)]
        elif kind == 3:
            lines[at:at] = lines[at : at + 3]
        elif kind == 4:
            random.shuffle(lines)
        elif kind == 5:
            marks = [
                "```",
                "````",
                "@@",
                "--- a/x",
                "+++ b/../x",
                "=======",
                ">>>>>>> REPLACE",
                "<<<<<<< SEARCH",
                "\x00",
                "\\ No",
            ]
            lines.insert(at, random.choice(marks) + random.choice(["", " ", "py", " /etc/x.py", "\r"]))
        elif lines[at : at + 1]:
            lines[at] = lines[at][random.randrange(len(lines[at]) + 1) :]
        lines = lines or [""]
    return "\n".join(lines)


def prepared() -> dict[Path, bytes]:
    """The repository, with links in it that lead out of it and into .git; its files."""
    corpus.lay(root, corpus.Case(""))
    outside = base / "outside"
    outside.mkdir()
    (outside / "file.py").write_text("outside\n")
    (root / "linked.py").symlink_to(outside / "file.py")
    (root / "inner").symlink_to(root / ".git")
    found = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path: path.read_bytes() for path in found if ".git" not in path.parts}


def leads_out(name: str) -> bool:
    try:
        return not os.path.realpath(paths.inside(root, name)).startswith(f"{root}/")
    except CoderError:
        return False


def outcome(answer: str) -> str:
    try:
        found = changes_of(answer, root, candidates=[root / "stats.py"])
        if found.changes:
            changing.apply(Place(None, root), found.changes, reason="test")
    except CoderError as error:
        is_clean = "\n" not in str(error) and "\x1b" not in str(error)
        return "refused" if is_clean else f"message: {error!r}"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{error!r} for {answer!r}"
    return "written" if found.changes else "unchanged"


def run() -> dict[str, object]:
    chance, files = random.Random(5), prepared()
    names = [prefix + name for prefix in PREFIXES for name in NAMES]
    chance.shuffle(names)
    taken = ("blocks.txt", "diffs.txt", "real.txt", "search.txt")
    answers = [case.answer for file in taken for case in corpus.cases(file)]
    tried = [chance.choice(forms(name)) for name in names] + [broken(chance, answers) for _ in range(600)]
    told = {"hostile": len(names), "malformed": 600, "refused": 0, "written": 0, "unchanged": 0}
    sys.addaudithook(watch)
    failures = [f"inside: {name!r}" for name in names if leads_out(name)]
    for answer in tried:
        came = outcome(answer)
        if came not in told:
            failures.append(came)
            continue
        told[came] += 1
        if told["written"] % 50 == 1:
            for path, data in files.items():
                path.write_bytes(data)
    outside = (base / "outside" / "file.py").read_text()
    return {**told, "touched": sorted(touched), "failures": failures, "outside": outside}


print(json.dumps(run()))  # noqa: T201
