"""Options that many commands have, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", "-m", metavar="NAME|PATH", help="A model of the catalogue, or any GGUF file."),
]
Directory = Annotated[
    Path | None, typer.Option("-C", metavar="DIR", help="Work as if started in this directory.", show_default=False)
]
Temperature = Annotated[
    float | None,
    typer.Option("--temperature", min=0, max=2, help="0 always takes the likeliest token.", show_default=False),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**32 - 1, help="Makes a temperature above 0 repeatable.", show_default=False),
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", min=1, help="Tokens to generate, at most.", show_default=False)
]
NoContext = Annotated[bool, typer.Option("--no-context", help="Send nothing but the file itself.")]
Snippets = Annotated[
    list[Path] | None,
    typer.Option("--file", "-f", metavar="FILE", help="Send this file along; several, dependencies first."),
]
Attached = Annotated[
    list[str] | None, typer.Option("--file", "-f", metavar="FILE[:A-B]", help="Attach a file, or lines of it.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Fetch a missing model without asking.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print a unified diff instead of the text.")]
Write = Annotated[bool, typer.Option("--write", "-w", help="Write the result into the file.")]
Pick = Annotated[bool, typer.Option("--pick", "-p", help="Ask for each hunk, and write those that you take.")]
Follow = Annotated[bool, typer.Option("--follow", help="Write through a symbolic link that leaves the repository.")]


def examples(*lines: str) -> str:
    """An epilog for a command's help that keeps its line breaks."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
