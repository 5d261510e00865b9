"""How are files named inside a training run, its checkpoints and its predictions?"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CheckpointLayout", "ModelLayout", "PredictionLayout", "RunLayout"]


@dataclass(frozen=True)
class RunLayout:
    """Names inside a training run and its predictions."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def local(self) -> Path:
        """Where the data lies on this machine: of no use elsewhere, so in no other file."""
        return self.root / "local.toml"

    @property
    def tensorboard(self) -> Path:
        return self.root / "tensorboard"

    @property
    def metrics(self) -> Path:
        return self.root / "metrics.jsonl"

    @property
    def evaluation(self) -> Path:
        return self.root / "evaluation.json"

    @property
    def evaluation_page(self) -> Path:
        return self.root / "evaluation.html"

    @property
    def last(self) -> Path:
        """A text file that names the newest checkpoint folder."""
        return self.root / "last"

    @property
    def best(self) -> Path:
        """A text file that names the best checkpoint folder."""
        return self.root / "best"

    @property
    def predictions(self) -> Path:
        return self.root / "predictions"

    def checkpoint(self, step: int) -> "CheckpointLayout":
        return CheckpointLayout(self.root / f"step-{step:06d}")

    def checkpoints(self) -> "list[CheckpointLayout]":
        return [CheckpointLayout(path) for path in sorted(self.root.glob("step-[0-9]*"))]


@dataclass(frozen=True)
class CheckpointLayout:
    """Names inside one checkpoint folder, ``step-NNNNNN/``."""

    root: Path

    @property
    def weights(self) -> Path:
        return self.root / "model.safetensors"

    @property
    def heads(self) -> Path:
        """Of an export whose weights another library reads: what that library does not know."""
        return self.root / "heads" / "model.safetensors"

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def tokenizer(self) -> Path:
        return self.root / "tokenizer.json"

    @property
    def words(self) -> Path:
        """Of a model whose tokenizer stands in its own folder: what the tasks ask."""
        return self.root / "words.json"

    @property
    def preprocess(self) -> Path:
        return self.root / "preprocess.json"

    @property
    def metrics(self) -> Path:
        return self.root / "metrics.json"

    @property
    def card(self) -> Path:
        return self.root / "MODEL_CARD.md"

    @property
    def onnx(self) -> Path:
        """Of an export only."""
        return self.root / "model.onnx"

    @property
    def train_state(self) -> Path:
        return self.root / "train_state.pt"


@dataclass(frozen=True)
class ModelLayout:
    """Names inside a folder of the Hugging Face library, as that library writes them."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    @property
    def tokenizer(self) -> Path:
        return self.root / "tokenizer.json"

    @property
    def tokenizers(self) -> tuple[Path, ...]:
        """Any of these holds the words; the older kinds are the last two."""
        return self.tokenizer, self.root / "tokenizer.model", self.root / "vocab.json"

    @property
    def processors(self) -> tuple[Path, Path]:
        """Either says how pictures are scaled."""
        return self.root / "preprocessor_config.json", self.root / "processor_config.json"

    @property
    def index(self) -> Path:
        """Of weights in several files: which is where."""
        return self.root / "model.safetensors.index.json"

    @property
    def chat_templates(self) -> tuple[Path, Path]:
        """Of newer and of older folders; without both, the tokenizer has it among its settings."""
        return self.root / "chat_template.jinja", self.root / "chat_template.json"

    def weights(self) -> list[Path]:
        return sorted(self.root.glob("*.safetensors"))

    def other_weights(self) -> list[Path]:
        """Weights of kinds that may hold code, or are of other libraries: not read."""
        kinds = ("*.bin", "*.pt", "*.pth", "*.gguf", "*.onnx")
        return sorted(path for kind in kinds for path in self.root.glob(kind))

    def beside_weights(self) -> list[Path]:
        """Tokenizer, processors and templates: what a copy with other weights needs."""
        kinds = ("*.json", "*.jinja", "*.txt", "*.model")
        names = {self.config.name, "generation_config.json"}
        found = {path for kind in kinds for path in self.root.glob(kind)}
        return sorted(p for p in found if p.name not in names and "safetensors" not in p.name)


@dataclass(frozen=True)
class PredictionLayout:
    """Names of what `trainer predict` writes for one image."""

    root: Path

    @property
    def prediction(self) -> Path:
        return self.root / "prediction.json"

    @property
    def report(self) -> Path:
        return self.root / "report.txt"

    @property
    def overlay(self) -> Path:
        return self.root / "overlay.png"

    @property
    def page(self) -> Path:
        return self.root / "prediction.html"
