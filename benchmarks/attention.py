"""What does supervising attention to 2,304 image tokens cost beside plain SDPA and eager attention?

The language model of a tiny Qwen2-VL, random weights and inputs, one thread: pass, loss and
backward. ``plain`` learns from words alone; ``supervised`` from the attention of the words' rows
too, as `trainer.backbones.hf_attention` watches it; ``eager`` the same from attention that the
library keeps whole. Plain and supervised take turns, in CPU time; for memory each of the three has
a process of its own, where eager is timed too. Writes its section of ``benchmarks/README.md``.
"""

import os
import resource
import time
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import click
import msgspec
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.section import write_section
from gazekit.console import emit
from trainer.backbones.hf_attention import supervise, watching

ARMS = ("plain", "supervised", "eager")
VOCABULARY, HIDDEN, LAYERS = 512, 128, 8
SUPERVISED = (5, 6)
FULL, SMALL = (2304, 128), (64, 8)
"""Image tokens and rows, as measured, and to warm up with."""
BEFORE = 16
"""Tokens before the image."""


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Time and memory of a step, and their ratios to plain SDPA; one line of JSON."""

    time_ratio: float
    memory_ratio: float
    eager_time_ratio: float
    eager_memory_ratio: float
    loss_difference: float
    plain_cpu_s: float
    supervised_cpu_s: float
    eager_cpu_s: float
    plain_mb: float
    supervised_mb: float
    eager_mb: float
    image_tokens: int
    rows: int
    layers: int
    supervised_layers: int
    rounds: int
    torch: str
    transformers: str
    load: float


class Task(msgspec.Struct, frozen=True):
    """Input of the language model, and what it is to say and where to look."""

    embedded: Tensor  # (1, T, hidden)
    words: Tensor  # (1, rows)
    rows: Tensor  # (1, rows)
    keys: Tensor  # (1, image tokens)
    gaze: Tensor  # (1, 1, image tokens)


class Alone(msgspec.Struct, frozen=True):
    """What a step gave and took in a process of its own."""

    loss: float
    cpu_s: float
    mb: float


@click.command()
@click.option("--tokens", default=2304, show_default=True, help="Of the image.")
@click.option("--rows", default=128, show_default=True, help="Tokens of text; all are supervised.")
@click.option("--rounds", default=5, show_default=True, help="Of plain and supervised in turn.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def main(tokens: int, *, rows: int, rounds: int, as_json: bool) -> None:
    """Measure what supervised attention costs."""
    torch.set_num_threads(1)
    found = _measure(_task(tokens, rows), rounds)
    if (tokens, rows) == FULL:
        _write(found)
    emit(found if as_json else _table(found), as_json=as_json)


def _measure(task: Task, rounds: int) -> Costs:
    import transformers

    alone = {arm: _in_own_process(arm, task) for arm in ARMS}
    times = _in_turn(task, rounds)
    ratios = [two / one for one, two in zip(times["plain"], times["supervised"], strict=True)]
    plain = alone["plain"]
    return Costs(
        time_ratio=median(ratios),
        memory_ratio=alone["supervised"].mb / plain.mb,
        eager_time_ratio=alone["eager"].cpu_s / plain.cpu_s,
        eager_memory_ratio=alone["eager"].mb / plain.mb,
        loss_difference=abs(alone["supervised"].loss - alone["eager"].loss),
        plain_cpu_s=median(times["plain"]),
        supervised_cpu_s=median(times["supervised"]),
        eager_cpu_s=alone["eager"].cpu_s,
        plain_mb=plain.mb,
        supervised_mb=alone["supervised"].mb,
        eager_mb=alone["eager"].mb,
        image_tokens=task.keys.shape[1],
        rows=task.rows.shape[1],
        layers=LAYERS,
        supervised_layers=len(SUPERVISED),
        rounds=rounds,
        torch=str(torch.__version__),
        transformers=transformers.__version__,
        load=os.getloadavg()[0],
    )


def _in_turn(task: Task, rounds: int) -> dict[str, list[float]]:
    """Return CPU seconds of steps of plain and supervised, round by round."""
    models = {arm: _model(arm) for arm in ("plain", "supervised")}
    times: dict[str, list[float]] = {arm: [] for arm in models}
    for arm, model in models.items():
        _step(model, _task(*SMALL), arm)
    for turn in range(rounds):
        for arm in list(models) if turn % 2 else list(models)[::-1]:
            began = time.process_time()
            _step(models[arm], task, arm)
            times[arm].append(time.process_time() - began)
    return times


def _model(arm: str) -> Any:  # noqa: ANN401 - the library's own
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    torch.manual_seed(0)
    text = {
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "intermediate_size": 4 * HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "bos_token_id": None,
        "eos_token_id": None,
        "rope_parameters": {"rope_type": "default", "mrope_section": [4, 6, 6]},
    }
    vision = {"depth": 1, "embed_dim": 32, "hidden_size": HIDDEN, "num_heads": 2}
    model = Qwen2VLForConditionalGeneration(Qwen2VLConfig(text_config=text, vision_config=vision))
    model.set_attn_implementation("eager" if arm == "eager" else "sdpa")
    if arm == "supervised":
        supervise(model, SUPERVISED)
    return model.train()


def _task(tokens: int, rows: int) -> Task:
    draw = torch.Generator().manual_seed(1)
    return Task(
        torch.randn(1, BEFORE + tokens + rows, HIDDEN, generator=draw),
        torch.randint(VOCABULARY, (1, rows), generator=draw),
        torch.arange(BEFORE + tokens, BEFORE + tokens + rows)[None],
        torch.arange(BEFORE, BEFORE + tokens)[None],
        torch.rand(1, 1, tokens, generator=draw).softmax(dim=2),
    )


def _step(model: Any, task: Task, arm: str) -> float:  # noqa: ANN401 - the library's own
    """Compute a loss and its gradients; return the loss."""
    ask = partial(model.model, inputs_embeds=task.embedded, use_cache=False)
    if arm == "plain":
        out, maps = ask(), None
    elif arm == "supervised":
        with watching(model, rows=task.rows, keys=task.keys) as watch:
            out = ask()
        maps = watch.maps()
    else:
        out = ask(output_attentions=True)
        maps = _cut(out.attentions, task)
    logits = model.lm_head(out.last_hidden_state[:, task.rows[0]])
    loss = functional.cross_entropy(logits[0], task.words[0])
    if maps is not None:
        loss = loss + (task.gaze * (task.gaze.log() - maps.log())).sum(dim=2).mean()
    loss.backward()
    model.zero_grad(set_to_none=True)
    return float(loss.detach())


def _cut(attentions: tuple[Tensor, ...], task: Task) -> Tensor:
    """Return the maps of the same layers, from attention that was kept whole."""
    kept = torch.stack([attentions[layer].mean(dim=1) for layer in SUPERVISED]).mean(dim=0)
    raw = kept[:, task.rows[0]][:, :, task.keys[0]]
    return raw / raw.sum(dim=2, keepdim=True)


def _in_own_process(arm: str, task: Task) -> Alone:
    with get_context("fork").Pool(1) as pool:
        return pool.apply(_alone, (arm, task))


def _alone(arm: str, task: Task) -> Alone:
    """Measure one step; memory is by how much it raises the greatest of this process."""
    model = _model(arm)
    _step(model, _task(*SMALL), arm)
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    before = int(pages) * resource.getpagesize()
    began = time.process_time()
    loss = _step(model, task, arm)
    taken = time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Alone(loss, taken, (most - before) / 1e6)


def _table(found: Costs) -> str:
    rows = [
        ("plain SDPA, words alone", found.plain_cpu_s, found.plain_mb, 1.0, 1.0),
        (
            "SDPA, attention supervised",
            *(found.supervised_cpu_s, found.supervised_mb),
            *(found.time_ratio, found.memory_ratio),
        ),
        (
            "eager, `output_attentions`",
            *(found.eager_cpu_s, found.eager_mb),
            *(found.eager_time_ratio, found.eager_memory_ratio),
        ),
    ]
    return "\n".join(
        [
            "| | CPU s | MB | time, x plain | memory, x plain |",
            "|---|---|---|---|---|",
            *(f"| {n} | {s:.2f} | {mb:.0f} | {t:.2f} | {m:.2f} |" for n, s, mb, t, m in rows),
        ]
    )


def _method(found: Costs) -> str:
    return (
        f"{found.image_tokens:,} image tokens and {found.rows} of text, all of which are "
        f"supervised, in {found.supervised_layers} of the {found.layers} layers (width {HIDDEN}) "
        "of the language model of a tiny Qwen2-VL; random weights and inputs, no vision tower, "
        "which would hide the cost. Pass, loss and backward on one thread of a CPU at a load of "
        f"{found.load:.1f}: medians of CPU time over {found.rounds} rounds in turn (ratios round "
        "by round). Memory is the growth of the resident peak over a step, each in a process of "
        "its own, where eager was timed too, once. The supervised loss and that of eager "
        f"attention differ by {found.loss_difference:.1g}. torch {found.torch}, "
        f"transformers {found.transformers}."
    )


def _write(found: Costs) -> None:
    text = "\n".join(
        [
            "## Supervised attention",
            "",
            _method(found),
            "",
            _table(found),
            "",
            "Made by `python -m benchmarks.attention`.",
        ]
    )
    write_section("attention", text)


if __name__ == "__main__":
    main()
