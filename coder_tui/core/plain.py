"""Text that is safe to show: a model, a file or git may write escape sequences, and a terminal must not get them."""

from __future__ import annotations

import re

from coder_tui.core.document import to_lf

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 controls but tab and LF, and the characters that reorder a line (CVE-2021-42574)."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(text: str) -> str:
    """The text without control characters; CRLF and CR become LF, lone surrogates (undecodable bytes) U+FFFD."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", to_lf(text)))
