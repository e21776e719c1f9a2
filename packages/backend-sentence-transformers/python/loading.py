"""What the library made of a folder: which weights it found, how it pools, how long texts may be, which prompt it adds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rigbook_worker import BadRequest, Json

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FIRST = 5
NO_LIMIT = 10**9  # tokenizers without a limit say 10**30


@contextmanager
def reported() -> Iterator[list[Json]]:
    """Collects what transformers reports of the weights of each model that it loads meanwhile."""
    from transformers import PreTrainedModel

    reports: list[Json] = []
    inner = PreTrainedModel.__dict__["from_pretrained"]

    def from_pretrained(cls: type, *args: Any, **kwargs: Any) -> Any:
        wanted = kwargs.pop("output_loading_info", False)
        model, report = inner.__func__(cls, *args, output_loading_info=True, **kwargs)
        reports.append(report)
        return (model, report) if wanted else model

    PreTrainedModel.from_pretrained = classmethod(from_pretrained)
    try:
        yield reports
    finally:
        PreTrainedModel.from_pretrained = inner


def loading(model: SentenceTransformer, folder: str, reports: list[Json]) -> Json:
    """The reports of its parts in one, and how the vectors of tokens become that of a text."""
    missing = {key for report in reports for key in report["missing_keys"]}
    if getattr(model[0], "module_output_name", None) == "token_embeddings":
        missing = {key for key in missing if not key.startswith("pooler.")}  # what that computes is not used
    unexpected = {key for report in reports for key in report["unexpected_keys"]}
    mode = next((m.pooling_mode for m in model.modules() if type(m).__name__ == "Pooling"), None)
    architectures = getattr(getattr(model.transformers_model, "config", None), "architectures", None)
    return {
        "missing": tensors(missing),
        "unexpected": tensors(unexpected),
        "pooling": None
        if mode is None
        else {
            "mode": mode if isinstance(mode, str) else "+".join(mode),
            "assumed": not names_pooling(Path(folder) / "modules.json"),
        },
        "architecture": architectures[0] if architectures else None,
        "vocabulary": vocabulary(getattr(model[0], "tokenizer", None)),
    }


def names_pooling(modules: Path) -> bool:
    """Without modules, or with those of a model that only ranks pairs, the library puts a pooling of its own there."""
    return modules.exists() and any(module["type"].endswith("Pooling") for module in json.loads(modules.read_text()))


def tensors(names: set[str]) -> Json:
    return {"count": len(names), "first": sorted(names)[:FIRST]}


def vocabulary(tokenizer: Any) -> int | None:
    try:
        return tokenizer.get_vocab_size() if hasattr(tokenizer, "get_vocab_size") else len(tokenizer)
    except TypeError:
        return None


def limit_length(model: SentenceTransformer, length: int | None) -> None:
    """Sets what was requested; else cuts a limit down to the positions that there are, beyond which the model fails."""
    table = position_table(model)
    config = getattr(model.transformers_model, "config", None)
    positions = table if table is not None else getattr(config, "max_position_embeddings", None)
    if length is None:
        if table is not None and (model.max_seq_length or NO_LIMIT) > table:
            model.max_seq_length = table
        return
    if positions is not None and 0 < positions < length:
        raise BadRequest(f"max_length {length} is over the {positions} positions that the model has")
    try:
        model.max_seq_length = length
    except AttributeError:
        raise BadRequest("max_length can't be set: the model takes texts of any length") from None


def position_table(model: SentenceTransformer) -> int | None:
    """Length of the table of positions, for models that have one; RoBERTa's begins behind its padding token."""
    import torch

    for module in () if model.transformers_model is None else model.transformers_model.modules():
        table = getattr(module, "position_embeddings", None)
        if isinstance(table, torch.nn.Embedding):
            padding = getattr(module, "padding_idx", None)
            return table.num_embeddings - (padding + 1 if isinstance(padding, int) else 0)
    return None


def longest(model: SentenceTransformer) -> int | None:
    """Tokens that a text may have."""
    truncation = getattr(getattr(model[0], "tokenizer", None), "truncation", None)  # of a table of tokens
    limit = truncation["max_length"] if isinstance(truncation, dict) else model.max_seq_length
    return int(limit) if limit and limit < NO_LIMIT else None


def prompt_of(model: SentenceTransformer, text: str | None, name: str | None) -> str | None:
    """What is put before each text: as requested, else by default."""
    if text is not None:
        return text
    if name is None:
        return model.prompts.get(model.default_prompt_name) or None
    if not model.prompts.get(name):
        known = ", ".join(key for key, prompt in model.prompts.items() if prompt)
        raise BadRequest(f"the model's files have no prompt {name!r}; they have {known or 'none'}")
    return model.prompts[name]
