from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coder_tui.engine.devices import Device, devices, layers_that_fit

GIB = 1 << 30
CPU = Device("CPU", "a processor", 0, 64 * GIB, 64 * GIB)


def gpu(free: int) -> Device:
    return Device("CUDA0", "a card", 1, free, 24 * GIB)


def test_this_machine_has_a_processor() -> None:
    found = [device for device in devices() if not device.is_gpu]
    assert found
    assert all(device.total_bytes > 0 for device in found)
    assert str(CPU) == "CPU: a processor, 65536 MiB free of 65536 MiB"


def test_without_a_gpu_nothing_is_offloaded() -> None:
    assert layers_that_fit((CPU,), GIB, 0, 30) == 0
    assert layers_that_fit((), GIB, 0, 30) == 0


def test_what_fits_goes_there_whole() -> None:
    assert layers_that_fit((CPU, gpu(8 * GIB)), 4 * GIB, GIB, 33) == 33
    assert layers_that_fit((gpu(3 * GIB), gpu(3 * GIB)), 4 * GIB, GIB, 33) == 33


def test_what_does_not_fit_goes_there_in_part() -> None:
    assert layers_that_fit((gpu(2 * GIB + (512 << 20)),), 3 * GIB, GIB, 40) == 20
    assert layers_that_fit((gpu(100 << 20),), 4 * GIB, GIB, 40) == 0


@given(
    st.lists(st.integers(0, 40 * GIB), max_size=3),
    st.integers(1, 80 * GIB),
    st.integers(0, 9 * GIB),
    st.integers(0, 90),
)
def test_there_are_never_more_layers_than_there_are(free: list[int], weights: int, cache: int, layers: int) -> None:
    fitting = layers_that_fit(tuple(map(gpu, free)), weights, cache, layers)
    assert 0 <= fitting <= layers
    assert fitting * (weights + cache) <= max(1, layers) * max(0, sum(free))
