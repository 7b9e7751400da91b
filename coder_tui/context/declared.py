"""What variables are declared as, as far as a look at the text tells: of a name that is used at the cursor its type
says what may stand behind its dot."""

from __future__ import annotations

import re
from collections.abc import Mapping

_GENERIC = r"(?:<[^;={}()]{0,80}>)?"
_BEFORE = re.compile(rf"\b([A-Z]\w*){_GENERIC}(?:\[\])*[?&*]?\s+[&*$]*(\w+)\s*(?=[;=,):{{]|$)", re.MULTILINE)
"""`Till<T> till = ...`, `Till $till)`: the type stands before the name."""
_OF_C = re.compile(
    rf"\b(?!(?:case|delete|else|goto|new|return|throw|typedef|using)\b)([A-Za-z_]\w*){_GENERIC}\s*(?:[*&]+\s*|\s(?:const\s+)?)(\w+)\s*(?=[;=,)\[{{])"
)
"""The same, where types may begin with a small letter: `till_t *till;`."""
_WRAPPERS = (
    "Arc|Array|Box|Cell|Iterable|Iterator|List|Mutex|Option|Optional|Promise|Rc|RefCell|Sequence|Vec|list|set|tuple"
)
_BEHIND = re.compile(
    rf"\b(\w+)\??\s*:\s*(?:[&*'\"]|\[|'\w+\s|mut\s|dyn\s|impl\s|readonly\s|(?:{_WRAPPERS})\s*[<\[])*(?:\w+(?:::|\.))*([A-Z]\w*)"
)
"""`till: &mut Till`, `tills: list[Till]`: the type stands behind a colon; of `Arc<Till>` what it holds."""
_OF_GO = re.compile(r"\b(\w+),?\s+(?:\[\]|\*|\.\.\.|map\[\w+\])*(?:\w+\.)?([A-Z]\w*)\b")
_MADE = re.compile(
    rf"\b(\w+)\s*:?=\s*(?:await\s+)?(?:new\s+|&)?(?:\w+(?:::|\.))*(?:New)?([A-Z]\w*)(?:::\w+)?{_GENERIC}\s*[({{]"
)
"""`till = new Till(`, `let till = Till::new(`, `till := &Till{`."""
_FORMS = {
    "c": (_OF_C,),
    "cpp": (_OF_C, _MADE),
    "csharp": (_BEFORE, _MADE),
    "java": (_BEFORE, _MADE),
    "php": (_BEFORE, _MADE),
    "go": (_OF_GO, _MADE),
    "javascript": (_MADE,),
    "python": (_BEHIND, _MADE),
    "ruby": (_MADE,),
    "rust": (_BEHIND, _MADE),
    "tsx": (_BEHIND, _MADE),
    "typescript": (_BEHIND, _MADE),
}


def types(text: str, language: str) -> Mapping[str, str]:
    """The type of each name that a text declares; where it does so several times, the last one."""
    found = sorted((match.start(), *_pair(match)) for form in _FORMS.get(language, ()) for match in form.finditer(text))
    return {name: declared for _, name, declared in found}


def _pair(match: re.Match[str]) -> tuple[str, str]:
    """(name, type)."""
    return (match[2], match[1]) if match.re in (_BEFORE, _OF_C) else (match[1], match[2])
