"""The order of files in a prompt: what others depend on comes first, as in DeepSeek Coder's training data."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping


def dependencies_first(files: Mapping[str, int], imports: Mapping[str, Collection[str]]) -> list[str]:
    """The files so that each comes after those that it imports; by their keys where that leaves a choice.

    A cycle is broken at its file with the smallest key (and then the smallest path): the same files always come in the
    same order.
    """
    waits = {path: {one for one in imports.get(path, ()) if one in files and one != path} for path in files}
    needed_by: dict[str, list[str]] = {}
    for path, needs in waits.items():
        for one in needs:
            needed_by.setdefault(one, []).append(path)
    ready = [(files[path], path) for path, needs in waits.items() if not needs]
    heapq.heapify(ready)
    left = dict.fromkeys(path for path, needs in waits.items() if needs)
    order: list[str] = []
    while ready or left:
        if ready:
            _, path = heapq.heappop(ready)
        else:
            _, path = min((files[one], one) for one in left)
            del left[path]
        order.append(path)
        for other in needed_by.get(path, ()):
            waits[other].discard(path)
            if other in left and not waits[other]:
                del left[other]
                heapq.heappush(ready, (files[other], other))
    return order
