"""What this process may use, and what fits into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.weights import catalog, hardware
from coder_tui.weights.hardware import Fit, Hardware

GB = 10**9


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up system: no cgroup limits, no topology."""
    (tmp_path / "cgroup").write_text("0::/user/app\n")
    (tmp_path / "fs" / "user" / "app").mkdir(parents=True)
    monkeypatch.setattr(hardware, "_OWN_CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(hardware, "_CGROUPS", tmp_path / "fs")
    monkeypatch.setattr(hardware, "_CPUS", tmp_path / "cpu")
    return tmp_path


def test_this_machine_is_seen() -> None:
    machine = hardware.detect()
    assert 0 <= machine.available_bytes <= machine.total_bytes
    assert machine.total_bytes > 100_000_000
    assert machine.cores >= 1


def test_without_limits_it_is_the_machine(system: Path) -> None:
    import psutil

    assert system.exists()
    assert hardware.detect().total_bytes == psutil.virtual_memory().total


def test_a_container_limits_memory_at_any_level(system: Path) -> None:
    (system / "fs" / "user" / "app" / "memory.max").write_text("max\n")
    (system / "fs" / "user" / "memory.max").write_text(f"{64 << 20}\n")
    (system / "fs" / "user" / "memory.current").write_text(f"{40 << 20}\n")
    (system / "fs" / "user" / "memory.stat").write_text(f"anon 5\ninactive_file {10 << 20}\n")
    assert hardware.detect().total_bytes == 64 << 20
    assert hardware.detect().available_bytes == 34 << 20


def test_the_older_cgroups_limit_too(system: Path) -> None:
    (system / "cgroup").write_text("5:memory:/box\n4:cpu,cpuacct:/box\n")
    (system / "fs" / "memory" / "box").mkdir(parents=True)
    (system / "fs" / "memory" / "box" / "memory.limit_in_bytes").write_text(f"{64 << 20}")
    (system / "fs" / "memory" / "box" / "memory.usage_in_bytes").write_text(f"{4 << 20}")
    (system / "fs" / "cpu" / "box").mkdir(parents=True)
    (system / "fs" / "cpu" / "box" / "cpu.cfs_quota_us").write_text("50000")
    (system / "fs" / "cpu" / "box" / "cpu.cfs_period_us").write_text("100000")
    assert hardware.detect() == Hardware(64 << 20, 60 << 20, 1)


def test_cores_are_counted_once_and_within_the_quota(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    for cpu in range(8):
        folder = system / "cpu" / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    assert hardware.usable_cores() == 4
    assert hardware.thread_counts() == (4, 2, 8), "all of the hyper-threads are a possibility"
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 4, 1}, raising=False)
    assert hardware.usable_cores() == 2
    assert hardware.thread_counts() == (2, 1, 3)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    (system / "fs" / "user" / "app" / "cpu.max").write_text("250000 100000\n")
    assert hardware.usable_cores() == 3
    assert hardware.thread_counts() == (3, 1), "threads over the quota would only be stopped"
    (system / "fs" / "user" / "app" / "cpu.max").write_text("10000 100000\n")
    assert hardware.usable_cores() == 1
    assert hardware.thread_counts() == (1,)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("processor\t: 0\nmodel\t\t: 207\nmodel name\t: Xeon(R) E\nmodel name\t: Xeon(R) E\n", "Xeon(R) E"),
        ("CPU implementer\t: 0x41\nCPU part\t: 0xd4d\nCPU part\t: 0xd4b\n", "0xd4d 0xd4b"),
        ("", "by python"),
        (None, "by python"),
    ],
)
def test_the_processor_has_a_name(text: str | None, name: str, system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_CPU_INFO", system / "cpuinfo")
    monkeypatch.setattr("platform.processor", lambda: "by python")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    if text is not None:
        (system / "cpuinfo").write_text(text)
    assert hardware.cpu_model() == f"x86_64 {name}"


@given(needed=st.integers(0, 10**12), more=st.integers(0, 10**12), total=st.integers(1, 10**12), free=st.floats(0, 1))
def test_more_never_fits_better(needed: int, more: int, total: int, free: float) -> None:
    machine = Hardware(total, int(total * free), 4)
    order = [Fit.YES, Fit.TIGHT, Fit.NO]
    assert order.index(hardware.fits(needed, machine)) <= order.index(hardware.fits(needed + more, machine))


@pytest.mark.parametrize(
    ("total", "free", "cores", "gpu", "name"),
    [
        (16, 12, 2, False, "deepseek-1.3b"),
        (32, 28, 8, False, "deepseek-6.7b"),
        (32, 24, 2, True, "deepseek-v2-lite"),
        (3, 2.2, 4, False, "small"),
        (2, 1.4, 4, False, "starter"),
        (1, 0.5, 4, False, None),
    ],
)
def test_what_to_begin_with(total: float, free: float, cores: int, gpu: bool, name: str | None) -> None:
    best = hardware.recommend(catalog.load(), Hardware(int(total * GB), int(free * GB), cores), gpu=gpu)
    assert (best.name if best else None) == name
