"""What this process may use of the machine, and which weights fit into that."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coder_tui.weights.catalog import CatalogEntry

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")
_CPUS = Path("/sys/devices/system/cpu")
_CPU_INFO = Path("/proc/cpuinfo")
_OVERHEAD_BYTES = 300 << 20
"""Compute buffers and the two processes themselves: measured 185 MB for llama.cpp with the smallest model."""
_LOOK_S, _BUSY_PERCENT = 0.2, 30.0
_COMFORT = 0.8
"""Of the available memory; above that other programs are pushed out."""
_NO_LIMIT = 1 << 60
"""cgroup v1 writes a number near 2**63 for "no limit"."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """Memory and cores that this process may use."""

    total_bytes: int
    """Of the machine, or of the container when that has less."""
    available_bytes: int
    """Not in use now, and within the container's limit."""
    cores: int
    """Physical cores, within affinity and CPU quota; at least 1."""


class Fit(StrEnum):
    """Whether weights can be used here."""

    YES = "yes"
    TIGHT = "tight"
    """Only with other programs closed."""
    NO = "no"


def detect() -> Hardware:
    """Look at the machine, its container and the process's limits."""
    import psutil

    memory = psutil.virtual_memory()
    limit, used = _memory_limit(_own_groups())
    total = min(memory.total, limit)
    available = min(memory.available, max(limit - used, 0))
    return Hardware(total, available, usable_cores())


def usable_cores() -> int:
    """Physical cores within this process's affinity and its container's CPU quota; at least 1."""
    allowed = _allowed_cpus()
    return _within_quota(_distinct_cores(allowed) or _physical_cores(len(allowed)))


def thread_counts() -> tuple[int, ...]:
    """Numbers of threads that are worth trying: one for each physical core, which is the usual one, half as many, and
    one for each logical CPU; within affinity and quota."""
    cores = usable_cores()
    return tuple(dict.fromkeys((cores, max(1, cores // 2), _within_quota(len(_allowed_cpus())))))


def is_busy() -> bool:
    """Whether other programs take much of the processor; asked while ours does nothing. Takes a fifth of a second."""
    import psutil

    return psutil.cpu_percent(_LOOK_S) > _BUSY_PERCENT


def cpu_model() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = _CPU_INFO.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "CPU part"))]
    return " ".join([platform.machine(), *(dict.fromkeys(names) or [platform.processor()])]).strip()


def needed_bytes(size_bytes: int, kv_bytes_per_token: int, context_tokens: int) -> int:
    """Memory for weights, KV cache and the rest: an estimate, good to some ten percent."""
    return size_bytes + kv_bytes_per_token * context_tokens + _OVERHEAD_BYTES


def fits(needed: int, hardware: Hardware) -> Fit:
    """Whether so many bytes can be had."""
    if needed <= hardware.available_bytes * _COMFORT:
        return Fit.YES
    return Fit.TIGHT if needed <= hardware.total_bytes * _COMFORT else Fit.NO


def recommend(
    entries: Iterable[CatalogEntry], hardware: Hardware, *, context_tokens: int = 8192, gpu: bool = False
) -> CatalogEntry | None:
    """The weights to begin with: the largest that fit and are not too slow, DeepSeek Coder before others.

    Generation reads all weights for each token; without a GPU a core brings about 3 GB/s to that, and less than 5
    tokens a second is no help while typing. None when nothing fits.
    """
    speed_limit = math.inf if gpu else hardware.cores * 3e9 / 5
    possible = [
        entry
        for entry in entries
        if entry.kind == "instruct"
        and entry.size_bytes <= speed_limit
        and fits(needed_bytes(entry.size_bytes, entry.kv_bytes_per_token, context_tokens), hardware) is Fit.YES
    ]
    return max(possible, key=lambda entry: (entry.family.startswith("DeepSeek"), entry.size_bytes), default=None)


def _own_groups() -> list[Path]:
    """Directories of the cgroups that bind this process, innermost first; v2 and v1 hierarchies."""
    try:
        lines = _OWN_CGROUP.read_text().splitlines()
    except OSError:
        return []
    groups: list[Path] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else [""]:
            root = _CGROUPS / controller if controller else _CGROUPS
            own = root / path.lstrip("/")
            groups += [own, *(parent for parent in own.parents if parent.is_relative_to(root))]
    return groups


def _memory_limit(groups: Iterable[Path]) -> tuple[int, int]:
    """The narrowest memory limit and what is used of it; (2**60, 0) without one."""
    narrowest = (_NO_LIMIT, 0)
    for group in groups:
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit = _number(group / limit_name)
            if limit is not None and limit < narrowest[0]:
                used = (_number(group / used_name) or 0) - _reclaimable(group)
                narrowest = (limit, max(used, 0))
    return narrowest


def _reclaimable(group: Path) -> int:
    """Page cache that the kernel gives back when memory is asked for."""
    try:
        fields = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return int(fields.get("inactive_file", fields.get("total_inactive_file", 0)))
    except (OSError, ValueError):
        return 0


def _allowed_cpus() -> set[int]:
    """The logical CPUs that this process may run on."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _within_quota(threads: int) -> int:
    return max(1, min(threads, math.ceil(_cpu_quota(_own_groups()))))


def _physical_cores(most: int) -> int:
    import psutil

    return min(psutil.cpu_count(logical=False) or most, most)


def _distinct_cores(cpus: Iterable[int]) -> int:
    """Physical cores behind logical CPUs; 0 when the system does not tell."""
    siblings: set[str] = set()
    for cpu in cpus:
        try:
            siblings.add((_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text())
        except OSError:
            return 0
    return len(siblings)


def _cpu_quota(groups: Iterable[Path]) -> float:
    """CPUs' worth of time that the narrowest cgroup allows; a large number without a limit."""
    quota = float(1 << 20)
    for group in groups:
        try:
            most, period = (group / "cpu.max").read_text().split()
            if most != "max":
                quota = min(quota, int(most) / int(period))
        except (OSError, ValueError):
            most_v1, period_v1 = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
            if most_v1 and period_v1 and most_v1 > 0:
                quota = min(quota, most_v1 / period_v1)
    return quota


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
