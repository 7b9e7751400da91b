"""What is right and wrong with this machine, and the command that mends it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from coder_tui import __version__
from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from coder_tui.engine.messages import StatsReport

CUDA_BUILD = (
    'CMAKE_ARGS="-DGGML_CUDA=on" python -m pip install --force-reinstall --no-deps --no-cache-dir '
    "--no-binary llama-cpp-python llama-cpp-python"
)
METAL_BUILD = CUDA_BUILD.replace("CUDA", "METAL")


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    text: str
    mend: str | None = None
    """The command, or the step, that helps."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything but the terminal. Nothing is changed, downloaded or created."""
    version = platform.python_version()
    yield Finding("coder", Verdict.OK, f"{__version__} in {Path(sys.prefix)}")
    yield Finding("python", Verdict.OK, f"{version} ({sys.executable})")
    yield from _engine()
    yield from _staying()
    yield _memory()
    yield from _models(settings)
    yield _git()
    yield from _directories(settings)


def _engine() -> Iterator[Finding]:
    """In the engine's own process: a broken build of llama.cpp cannot hurt here."""
    from coder_tui.config import paths
    from coder_tui.engine.client import LlamaEngine

    try:
        with LlamaEngine(paths.log_file()) as engine:
            report = engine.stats()
    except CoderError as error:
        mend = "python -m pip install --force-reinstall --no-deps --no-cache-dir llama-cpp-python"
        yield Finding("llama.cpp", Verdict.PROBLEM, str(error), mend)
        return
    features = [part.split("=")[0].strip() for part in report.system_info.split("|") if part.strip().endswith("= 1")]
    features = [feature.removeprefix("CPU : ") for feature in features]
    yield Finding("llama.cpp", Verdict.OK, f"llama-cpp-python {report.llama_cpp_python}")
    yield Finding("cpu build", Verdict.OK, ", ".join(features) or "no special instructions")
    yield _gpu(report)


def _staying() -> Iterator[Finding]:
    """The engine that commands share, if one is there now."""
    from coder_tui.config import paths
    from coder_tui.engine import joining
    from coder_tui.engine.client import LlamaEngine

    found = joining.connected(paths.runtime_dir())
    if found is not None:
        with contextlib.suppress(CoderError), LlamaEngine(None, lambda: found) as engine:
            report = engine.stats()
            text = f"an engine stays for commands: process {report.pid}, {report.rss_bytes / 2**20:.0f} MiB"
            yield Finding("serve", Verdict.OK, f"{text} (coder serve --stop ends it)")


def _gpu(report: StatsReport) -> Finding:
    gpus = [device for device in report.devices if not device.startswith("CPU:")]
    if report.supports_gpu_offload and gpus:
        return Finding("gpu", Verdict.OK, "offload possible; " + "; ".join(gpus))
    if report.supports_gpu_offload:
        return Finding("gpu", Verdict.WARNING, "this build can use a GPU, but none was found", "check the GPU's driver")
    if shutil.which("nvidia-smi"):
        return Finding("gpu", Verdict.WARNING, "there is an NVIDIA GPU, but this build is for the CPU", CUDA_BUILD)
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return Finding("gpu", Verdict.WARNING, "this build does not use Metal", METAL_BUILD)
    return Finding("gpu", Verdict.OK, "none; this build computes on the CPU")


def _memory() -> Finding:
    from coder_tui.weights import hardware

    found = hardware.detect()
    free, total = found.available_bytes / 2**30, found.total_bytes / 2**30
    text = f"{free:.1f} GiB free of {total:.1f} GiB, {found.cores} core{'s' if found.cores != 1 else ''}"
    if free < 1:
        return Finding("memory", Verdict.WARNING, text, "close other programs, or take the model `starter`")
    return Finding("memory", Verdict.OK, text)


def _models(settings: Settings) -> Iterator[Finding]:
    from coder_tui.config import paths
    from coder_tui.weights import store

    directory = paths.models_dir(settings.paths.models)
    found = store.installed(directory)
    if settings.model.name != "auto":
        yield _chosen_model(settings.model.name, directory)
    elif not found:
        yield Finding("models", Verdict.PROBLEM, f"none in {directory}", "coder models pull starter")
    for one in found:
        if one.complete:
            yield Finding("model", Verdict.OK, f"{one.name}: {one.path} ({one.size_bytes / 2**20:.0f} MiB)")
            yield _speed(one.name, one.path, settings)
            yield from _loading(one.name, one.path, settings)
        else:
            text = f"{one.name}: {one.path} is not the whole file"
            yield Finding("model", Verdict.PROBLEM, text, f"coder models pull {one.name}")


def _speed(name: str, path: Path, settings: Settings) -> Finding:
    from coder_tui.assistant import calibration

    found = calibration.known(path, settings.model)
    if found is None:
        text = f"{name}: not measured yet; that is done after an answer, when nothing else keeps the machine busy"
        return Finding("speed", Verdict.OK, text)
    text = (
        f"{name}: reads {found.prompt_tokens_per_second:.0f} and writes {found.tokens_per_second:.0f} tokens/s with "
        f"{found.batch_threads} and {found.threads} threads (measured {found.measured[:10]})"
    )
    return Finding("speed", Verdict.OK, text)


def _loading(name: str, path: Path, settings: Settings) -> Iterator[Finding]:
    """What is chosen for a model here, by measurement, by its size, or by the settings."""
    from coder_tui.assistant import calibration, tuning
    from coder_tui.assistant.opening import load_options
    from coder_tui.config import paths
    from coder_tui.weights.facts import facts

    with contextlib.suppress(CoderError):  # a file that is none is told by its own command
        chosen = load_options(facts(path, paths.facts_dir()), settings, typing=True)
        flash = {True: "on", False: "off", None: "where a GPU can"}[chosen.flash_attention]
        cost = tuning.move_cost(calibration.known(path, settings.model), chosen.suggest_tokens or 0)
        dear = "" if cost is None else f", which takes as long as {cost:.0f} tokens"
        moved = f"moved{dear}" if chosen.moves else f"evaluated again{f' (moving it{dear[7:]})' if dear else ''}"
        text = (
            f"{name}: {chosen.batch_threads or chosen.threads} and {chosen.threads} threads, batches of "
            f"{chosen.batch_tokens} and {chosen.micro_batch_tokens} tokens, flash attention {flash}, KV cache "
            f"{chosen.kv_type}, weights {'mapped' if chosen.mmap else 'read'}; text behind a change is {moved}"
        )
        yield Finding("loading", Verdict.OK, text if chosen.adapter is None else f"{text}; with {chosen.adapter.name}")
        if chosen.adapter is not None and not chosen.adapter.is_file():
            text = f"suggest.adapter is {chosen.adapter}, which is no file"
            yield Finding("adapter", Verdict.PROBLEM, text, "coder config set suggest.adapter off")


def _chosen_model(name: str, directory: Path) -> Finding:
    from coder_tui.weights import store

    try:
        return Finding("model.name", Verdict.OK, f"{name}: {store.resolve(name, directory)}")
    except CoderError as error:
        return Finding("model.name", Verdict.PROBLEM, str(error), error.hint or "coder models list")


def _git() -> Finding:
    program = shutil.which("git")
    if program is None:
        return Finding("git", Verdict.WARNING, "not found; coder works, but knows no repository", "install git")
    try:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("git", Verdict.PROBLEM, f"{program} does not run: {error}", "install git again")
    return Finding("git", Verdict.OK, f"{version.stdout.strip().removeprefix('git version ')} ({program})")


def _states(settings: Settings) -> Finding:
    from coder_tui.config import paths

    directory = paths.states_dir()
    sizes: list[int] = []
    for path in directory.glob("*.kv"):
        with contextlib.suppress(OSError):  # another command may be making room
            sizes.append(path.stat().st_size)
    limit = settings.cache.state_bytes / 2**20
    text = f"{len(sizes)} with {sum(sizes) / 2**20:.0f} of at most {limit:.0f} MiB in {directory}"
    return Finding("kept for later", Verdict.OK, text)


def _directories(settings: Settings) -> Iterator[Finding]:
    from coder_tui.config import paths

    places = {
        "config": paths.config_dir(),
        "state": paths.state_dir(),
        "cache": paths.cache_dir(),
        "weights": paths.models_dir(settings.paths.models),
    }
    yield _states(settings)
    for name, path in places.items():
        existing = next((place for place in (path, *path.parents) if place.exists()), Path("/"))
        free = shutil.disk_usage(existing).free / 2**30
        text = f"{path} ({free:.1f} GiB free{'' if path.exists() else ', will be made when needed'})"
        if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
            yield Finding(f"{name} directory", Verdict.OK, text)
        else:
            mend = f"chmod u+rwx {existing}" if existing.is_dir() else f"{existing} is not a directory: remove it"
            yield Finding(f"{name} directory", Verdict.PROBLEM, f"{path} cannot be written to", mend)
