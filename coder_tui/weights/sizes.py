"""Sizes in bytes as people read them."""

from __future__ import annotations


def size_text(size: float) -> str:
    """`491 MB`, `4.08 GB`: decimal units, three digits."""
    for unit, bytes_of_unit in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_of_unit:
            return (
                f"{size / bytes_of_unit:.3g} {unit}"
                if size < 999.5 * bytes_of_unit
                else f"{size / bytes_of_unit:.0f} {unit}"
            )
    return f"{int(size)} bytes"
