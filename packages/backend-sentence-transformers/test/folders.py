"""Makes folders of sentence models of a small one, and prints what the worker says of each; see Folders.integration.test.ts.

Arguments: the folder of worker.py, that of the small model, and one to write to.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, sys.argv[1])
base, out = Path(sys.argv[2]), Path(sys.argv[3])

import torch  # noqa: E402
from rigbook_worker import Cancellation  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from worker import Worker  # noqa: E402

TEXTS = ["one two three", "again school about night world " * 20, "x"]
Weights = dict[str, torch.Tensor]


def settings(folder: Path, name: str, **changes: object) -> None:
    file = folder / name
    known = json.loads(file.read_text()) if file.exists() else {}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({**known, **changes}))


def weights(folder: Path, change: Callable[[Weights], Weights]) -> None:
    save_file(change(load_file(folder / "model.safetensors")), folder / "model.safetensors", {"format": "pt"})


def modules(folder: Path, *paths: tuple[str, str]) -> None:
    listed = [
        {"idx": at, "name": str(at), "type": f"sentence_transformers.models.{kind}", "path": path}
        for at, (kind, path) in enumerate(paths)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))


def headed(folder: Path, architecture: str, head: Weights) -> None:
    """As a model that was trained for another task is saved: without modules."""
    weights(folder, lambda all: {**{f"bert.{name}": tensor for name, tensor in all.items()}, **head})
    settings(folder, "config.json", architectures=[architecture])
    (folder / "modules.json").unlink()


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


def roberta(folder: Path) -> None:
    settings(folder, "config.json", architectures=["RobertaModel"], model_type="roberta", type_vocab_size=1)
    settings(folder, "sentence_bert_config.json", max_seq_length=64)
    weights(folder, lambda all: {n: t[:1].clone() if "token_type" in n else t for n, t in all.items()})


def static(folder: Path, **tokenizer: object) -> None:
    table = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    for name in ("config.json", "sentence_bert_config.json", "tokenizer_config.json", "model.safetensors"):
        (folder / name).unlink()
    module = folder / "0_StaticEmbedding"
    module.mkdir()
    (folder / "tokenizer.json").rename(module / "tokenizer.json")
    settings(module, "tokenizer.json", **tokenizer)
    save_file({"embedding.weight": table.clone()}, module / "model.safetensors")
    modules(folder, ("StaticEmbedding", module.name))


def own_folder(folder: Path) -> None:
    (folder / "0_Transformer").mkdir()
    for file in [file for file in folder.iterdir() if file.is_file()]:
        file.rename(folder / "0_Transformer" / file.name)
    modules(folder, ("Transformer", "0_Transformer"), ("Pooling", "1_Pooling"))


def dense(folder: Path) -> None:
    settings(folder, "2_Dense/config.json", in_features=64, out_features=32, bias=False)
    save_file({"linear.weight": torch.ones(32, 64).tril()}, folder / "2_Dense" / "model.safetensors")
    modules(folder, ("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"))


def prompts(folder: Path) -> None:
    settings(folder, "config_sentence_transformers.json", prompts={"query": "query: "}, default_prompt_name=None)


def nan(all: Weights) -> Weights:
    all["embeddings.LayerNorm.bias"][:] = float("nan")
    return all


CUT = {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0}
FOLDERS: dict[str, tuple[Callable[[Path], None], dict[str, object]]] = {
    "usual": (lambda folder: None, {}),
    "foreign-prefix": (lambda folder: weights(folder, lambda all: {f"x.{n}": t for n, t in all.items()}), {}),
    "missing-layer": (
        lambda folder: weights(folder, lambda all: {n: t for n, t in all.items() if "attention.output" not in n}),
        {},
    ),
    "no-pooler": (
        lambda folder: weights(folder, lambda all: {n: t for n, t in all.items() if "pooler" not in n}),
        {},
    ),
    "reranker": (
        lambda folder: headed(
            folder, "BertForSequenceClassification", {"classifier.weight": torch.ones(1, 64), "classifier.bias": torch.ones(1)}
        ),
        {},
    ),
    "masked-lm": (lambda folder: headed(folder, "BertForMaskedLM", {"cls.predictions.bias": torch.ones(512)}), {}),
    "no-tokenizer": (no_tokenizer, {}),
    "zero-weights": (
        lambda folder: weights(folder, lambda all: {n: torch.zeros_like(t) for n, t in all.items()}),
        {},
    ),
    "not-finite": (lambda folder: weights(folder, nan), {}),
    "limit-above-positions": (lambda folder: settings(folder, "sentence_bert_config.json", max_seq_length=4096), {}),
    "roberta": (roberta, {}),
    "static": (static, {}),
    "static-limited": (static, {"max_length": 5}),
    "static-cut": (lambda folder: static(folder, truncation=CUT), {}),
    "own-folder": (own_folder, {}),
    "dense": (dense, {}),
    "prompts": (prompts, {}),
    "prompt-name": (prompts, {"prompt_name": "query"}),
    "prompt-text": (lambda folder: None, {"prompt": "query: "}),
    "prompt-unknown": (prompts, {"prompt_name": "qery"}),
}


def reported(name: str) -> dict[str, object]:
    change, options = FOLDERS[name]
    folder = out / name
    shutil.copytree(base, folder)
    change(folder)
    worker = Worker(Cancellation())
    said: dict[str, object] = {}
    try:
        said["load"] = worker.load({"model": str(folder), "devices": ["cpu"], "threads": 1, **options})
        said["tokens"] = worker.tokens({"texts": TEXTS})
        said["encode"] = worker.encode({"texts": TEXTS, "batch_size": 2})
    except Exception as error:
        said["error"] = f"{type(error).__name__}: {error}"
    return said


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    print(json.dumps({name: reported(name) for name in FOLDERS}))
