"""Tokens as the model gets them: how many there are, how many were cut off, and how many stand for nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rigbook_worker import Json

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

COUNT_BATCH = 64


def count(model: SentenceTransformer, texts: list[str], prompt: str | None) -> Json:
    """Counts with the prompt. What the tokenizer does not report is None."""
    parts = [count_part(model, texts[at : at + COUNT_BATCH], prompt) for at in range(0, len(texts), COUNT_BATCH)]
    cut = [part["truncated"] for part in parts]
    unknown = [part["unknown"] for part in parts]
    return {
        "tokens": sum(part["tokens"] for part in parts),
        "unknown": None if None in unknown else sum(unknown),
        "truncated": None
        if None in cut
        else {key: sum(part[key] for part in cut) for key in ("documents", "tokens")},
    }


def count_part(model: SentenceTransformer, texts: list[str], prompt: str | None) -> Json:
    features = model.preprocess(texts, prompt=prompt)
    mask = features.get("attention_mask")
    ids = features["input_ids"] if mask is None else features["input_ids"][mask.bool()]
    tokenizer = getattr(model[0], "tokenizer", None)
    unknown = unknown_id(tokenizer)
    return {
        "tokens": int(ids.numel()),
        "unknown": None if unknown is None else int((ids == unknown).sum()),
        "truncated": truncated(features, tokenizer, texts, prompt),
    }


def truncated(features: Any, tokenizer: Any, texts: list[str], prompt: str | None) -> Json | None:
    """A fast tokenizer keeps what it cuts off; other tokenizers don't say."""
    encodings = getattr(features, "encodings", None)
    if encodings is None and hasattr(tokenizer, "encode_batch"):  # of a table of tokens
        if tokenizer.truncation is None:
            return {"documents": 0, "tokens": 0}
        encodings = tokenizer.encode_batch([(prompt or "") + text for text in texts], add_special_tokens=False)
    if encodings is None:
        return None
    dropped = [sum(rest.special_tokens_mask.count(0) for rest in one.overflowing) for one in encodings]
    return {"documents": sum(tokens > 0 for tokens in dropped), "tokens": sum(dropped)}


def unknown_id(tokenizer: Any) -> int | None:
    """The token that stands for all that is not known, where it stands for nothing else."""
    if hasattr(tokenizer, "token_to_id"):
        token = getattr(tokenizer.model, "unk_token", None)
        return tokenizer.token_to_id(token) if isinstance(token, str) else None
    unknown = getattr(tokenizer, "unk_token_id", None)
    others = ("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id", "pad_token_id")
    return None if unknown in [getattr(tokenizer, name, None) for name in others] else unknown
