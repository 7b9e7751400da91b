"""Wheels with parts of a file, and a script in place of pip that copies them."""

from __future__ import annotations

import zipfile
from pathlib import Path

QUICK_PIP = """
import os, shutil, sys, pathlib
arguments = sys.argv
requirement = arguments[-1].partition("==")[0].replace("-", "_")
target = pathlib.Path(arguments[arguments.index("--dest") + 1])
hold = os.environ.get("QUICK_PIP_HOLD", "")
temporary = pathlib.Path(os.environ["TMPDIR"]) / "download"
wheel = next(pathlib.Path(os.environ["PIP_FIND_LINKS"]).glob(requirement + "-*.whl"), None)
if wheel is None:
    sys.exit("ERROR: No matching distribution found for " + arguments[-1])
temporary.write_bytes(wheel.read_bytes()[:30000])
if hold:
    fifo = pathlib.Path(hold)
    pathlib.Path(hold + ".pid").write_text(str(os.getpid()))
    with fifo.open("w") as file:
        file.write("held")
    import signal
    signal.pause()
target.mkdir(parents=True, exist_ok=True)
shutil.copy(wheel, target)
"""


def write_wheel(folder: Path, index: int, members: dict[str, bytes]) -> Path:
    """A wheel of one part (0-based `index`)."""
    name = f"toy_part{index + 1}"
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
        for member, data in members.items():
            archive.writestr(f"{name}/{member}", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{index + 1}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path
