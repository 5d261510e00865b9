"""``trainer export``: write a run's best model to a folder of its own."""

from pathlib import Path

import click

from gazekit.console import emit
from gazekit.model.layout_runs import RunLayout

__all__ = ["command"]


@click.command(name="export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@click.option("--no-onnx", is_flag=True, help="Leave model.onnx away.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(run: Path, *, out: Path, no_onnx: bool, as_json: bool) -> None:
    """Write the best model of RUN: safetensors, ONNX, tokenizer, preprocessing and model card."""
    from trainer.export import export_model

    result = export_model(RunLayout(run), out, onnx=not no_onnx)
    lines = [f"{result.folder}: {result.checkpoint}, {', '.join(result.files)}"]
    if result.onnx and result.onnx_difference is not None:
        lines.append(f"ONNX differs from torch by at most {result.onnx_difference:.1e}")
    elif result.onnx:
        lines.append("ONNX was not compared with torch: onnxruntime is not installed")
    emit(result if as_json else "\n".join(lines), as_json=as_json)
