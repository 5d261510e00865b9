"""Where does a run's data lie on this machine? Kept apart from what the run is elsewhere too."""

from pathlib import Path

import msgspec

from gazekit.model.config import load_toml, to_toml
from gazekit.model.files import write_bytes
from gazekit.model.layout_runs import RunLayout
from trainer.config import TrainConfig, load_config

__all__ = ["portable", "run_config", "with_local", "write_run_config"]


class _Local(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Paths of this machine, absolute; what a run's config.toml leaves out."""

    path: str | None = None
    cache: str | None = None
    questions: str | None = None
    model: str | None = None


_OF_DATA = ("path", "cache", "questions")


def portable(config: TrainConfig) -> TrainConfig:
    """Return a configuration without paths of this machine: what a checkpoint keeps.

    Which dataset it was stands in the checkpoint by name and fingerprint, and so does the model
    that it started from. Weights of an encoder have been used by then.
    """
    gone = dict.fromkeys(_OF_DATA)
    path = config.model.path
    return msgspec.structs.replace(
        config,
        data=msgspec.structs.replace(config.data, **gone),
        model=msgspec.structs.replace(
            config.model,
            encoder_weights=None,
            path=_name(path),
            download=False,
        ),
    )


def _name(path: str | None) -> str | None:
    """Return a folder by its name alone; a hub id, or what has no name, as it is."""
    return Path(path).name or path if path is not None and Path(path).is_dir() else path


def with_local(config: TrainConfig, run: RunLayout) -> TrainConfig:
    """Return a configuration with the paths that a run remembers; those that it has stay."""
    if not run.local.is_file():
        return config
    kept = load_toml(run.local, _Local)
    missing = {name: getattr(kept, name) for name in _OF_DATA if getattr(config.data, name) is None}
    model = config.model
    if kept.model is not None and model.path == Path(kept.model).name:
        model = msgspec.structs.replace(model, path=kept.model)
    data = msgspec.structs.replace(config.data, **missing)
    return msgspec.structs.replace(config, data=data, model=model)


def write_run_config(run: RunLayout, config: TrainConfig) -> None:
    """Write ``config.toml``, which goes where the run goes, and ``local.toml``, which does not."""
    run.root.mkdir(parents=True, exist_ok=True)
    write_bytes(run.config, to_toml(portable(config)).encode())
    paths = {name: getattr(config.data, name) for name in _OF_DATA}
    model = config.model.path
    paths["model"] = model if model is not None and Path(model).is_dir() else None
    here = {name: str(Path(path).resolve()) for name, path in paths.items() if path is not None}
    write_bytes(run.local, to_toml(_Local(**here)).encode())


def run_config(run: RunLayout, overrides: tuple[str, ...] = ()) -> TrainConfig:
    """Read the configuration of a run, with the paths that it remembers; overrides go before."""
    return with_local(load_config(str(run.config), overrides), run)
