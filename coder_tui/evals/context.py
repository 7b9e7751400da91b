"""What the context of a repository costs: its index, one saved file, choosing pieces, and how stable they are."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from coder_tui.context import grammars, index
from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.gather import Gatherer, Wish
from coder_tui.context.indexer import Indexer
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.store import Store
from coder_tui.evals.figures import spread
from coder_tui.evals.trace import Moment

_BUDGET = 700
_WINDOW_CHARS = (3000, 1000)
_SEED = 1


def measure(root: Path, *, runs: int, places: int) -> dict[str, object]:
    """Figures of a repository, with an index that is made from nothing in a cache directory of its own."""
    colds: list[float] = []
    peaks: list[float] = []
    for _ in range(runs):
        with _own_cache():
            cold, peak = _cold(root)
            colds.append(cold)
            peaks.append(peak)
    with _own_cache():
        store = Store(index.path_of(root))
        try:
            index.update(store, root, Rules(root))
            paths = store.paths()
            code = [path for path in paths if grammars.language_of(path)]
            return {
                "root": str(root),
                "files": len(store.states()),
                "indexed_files": len(paths),
                "cold_s": spread(colds),
                "indexer_peak_bytes": spread(peaks),
                "unchanged_ms": spread([_ms(lambda: index.update(store, root, Rules(root))) for _ in range(5)]),
                "save_ms": spread(list(_saves(store, root, code, places))),
                "collect_ms": spread(list(_collects(store, root, code, places))),
                "index_bytes": index.path_of(root).stat().st_size,
            }
        finally:
            store.close()


def stability(moments: Sequence[Moment], repos: Path) -> dict[str, object]:
    """How many consecutive moments of a typing trace have the same snippets. `repos`: folder of the repositories."""
    known: dict[str, Gatherer] = {}
    same, more, pairs = 0, 0, 0
    earlier: tuple[str, ...] | None = None
    last: Moment | None = None
    with _own_cache():
        for moment in moments:
            gatherer = known.get(moment.repo) or known.setdefault(moment.repo, _gatherer(repos / moment.repo))
            at = Around(Buffer(moment.prefix + moment.suffix, len(moment.prefix), moment.path))
            packed = gatherer.gather(at, Wish(), _window(at), _count, _BUDGET)
            snippets = tuple(f"{one.path}\n{one.text}" for one in packed.snippets)
            if moment.follows(last) and earlier is not None:
                pairs += 1
                same += snippets == earlier
                more += snippets[: len(earlier)] == earlier
            earlier, last = snippets, moment
        for gatherer in known.values():
            gatherer.known.close()
    count = max(1, pairs)
    return {"pairs": pairs, "same_share": round(same / count, 4), "same_beginning_share": round(more / count, 4)}


def _gatherer(root: Path) -> Gatherer:
    rules = Rules(root)
    store = Store(index.path_of(root))
    index.update(store, root, rules)
    return Gatherer(Knowledge(root, rules, store))


def _cold(root: Path) -> tuple[float, float]:
    """(seconds until everything is known, the most memory of its processes together in bytes)."""
    started, peak = time.perf_counter(), 0
    with Indexer(root) as indexer:
        while not _is_done(index.path_of(root)):
            peak = max(peak, indexer.peak_bytes)
            time.sleep(0.05)
        return time.perf_counter() - started, float(max(peak, indexer.peak_bytes))


def _is_done(path: Path) -> bool:
    if not path.exists():
        return False
    store = Store(path)
    try:
        return bool(store.meta("linked"))
    finally:
        store.close()


def _saves(store: Store, root: Path, paths: Sequence[str], count: int) -> Iterator[float]:
    """Milliseconds until the index knows of a saved file. Files get another time of change, and nothing else."""
    rules = Rules(root)
    for path in _sample(paths, count):
        with suppress(OSError):
            state = (root / path).stat()
            os.utime(root / path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
            yield _ms(lambda path=path: index.update_some(store, root, rules, [path]))  # type: ignore[misc]
            os.utime(root / path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _collects(store: Store, root: Path, paths: Sequence[str], count: int) -> Iterator[float]:
    """Milliseconds for the pieces of a place, once the file has been open for a moment."""
    known = Knowledge(root, Rules(root), store)
    chance = random.Random(_SEED)  # noqa: S311 - the same places each time
    for path in _sample(paths, count):
        lines = known.lines(path)
        if len(lines) < 5:
            continue
        text = "\n".join(lines)
        gatherer = Gatherer(known)
        first = Around(Buffer(text, 0, path))
        gatherer.gather(first, Wish(), _window(first), _count, _BUDGET)
        offset = len("\n".join(lines[: chance.randrange(1, len(lines))]))
        at = Around(Buffer(text, offset, path))
        yield _ms(lambda at=at, gatherer=gatherer: gatherer.gather(at, Wish(), _window(at), _count, _BUDGET))  # type: ignore[misc]


def _sample(paths: Sequence[str], count: int) -> list[str]:
    chance = random.Random(_SEED)  # noqa: S311 - the same files each time
    return chance.sample(list(paths), min(count, len(paths)))


def _window(at: Around) -> str:
    before, after = _WINDOW_CHARS
    return at.buffer.text[max(0, at.buffer.offset - before) : at.buffer.offset + after]


def _count(text: str) -> int:
    """Tokens, about: no model is needed here."""
    return len(text) // 3


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


@contextmanager
def _own_cache() -> Iterator[None]:
    """The user's own index stays as it is."""
    before = os.environ.get("CODER_CACHE_DIR")
    folder = tempfile.mkdtemp()
    os.environ["CODER_CACHE_DIR"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["CODER_CACHE_DIR"]
        else:
            os.environ["CODER_CACHE_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)
