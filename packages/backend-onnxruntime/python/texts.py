"""Texts as the model gets them: by the folder's own tokenizer.json, cut and padded as its settings say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
from rigbook_worker import Json
from tokenizers import Tokenizer

COUNT_BATCH = 64


class Texts:
    def __init__(self, folder: Path, limit: int | None, prompt: str) -> None:
        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.prompt = prompt
        special = special_tokens(folder)
        padding = special.get("pad_token", "[PAD]")
        self.tokenizer.enable_padding(pad_token=padding, pad_id=self.tokenizer.token_to_id(padding) or 0)
        if limit is None:
            self.tokenizer.no_truncation()
        else:
            self.tokenizer.enable_truncation(limit)
        unknown = special.get("unk_token")
        # Where it stands for nothing else.
        others = [token for name, token in special.items() if name != "unk_token"]
        self._unknown = None if unknown is None or unknown in others else self.tokenizer.token_to_id(unknown)

    def limit(self) -> int | None:
        """Tokens that a text may have."""
        truncation = self.tokenizer.truncation
        return None if truncation is None else truncation["max_length"]

    def inputs(self, texts: list[str]) -> dict[str, numpy.ndarray]:
        """By the names that exporters give a graph's inputs; as wide as the longest of `texts`."""
        found = self._encodings(texts)
        return {
            "input_ids": numpy.array([one.ids for one in found], dtype=numpy.int64),
            "attention_mask": numpy.array([one.attention_mask for one in found], dtype=numpy.int64),
            "token_type_ids": numpy.array([one.type_ids for one in found], dtype=numpy.int64),
        }

    def count(self, texts: list[str]) -> Json:
        tokens = unknown = documents = dropped = 0
        for at in range(0, len(texts), COUNT_BATCH):
            for one in self._encodings(texts[at : at + COUNT_BATCH]):
                ids = [id for id, kept in zip(one.ids, one.attention_mask, strict=True) if kept]
                tokens += len(ids)
                unknown += ids.count(self._unknown)
                rest = sum(part.special_tokens_mask.count(0) for part in one.overflowing)
                documents += rest > 0
                dropped += rest
        return {
            "tokens": tokens,
            "unknown": None if self._unknown is None else unknown,
            "truncated": {"documents": documents, "tokens": dropped},
        }

    def _encodings(self, texts: list[str]) -> list[Any]:
        return self.tokenizer.encode_batch([self.prompt + text for text in texts])


def special_tokens(folder: Path) -> dict[str, str]:
    """Names of the special tokens, such as `pad_token`, as the tokenizer's settings have them."""
    file = folder / "tokenizer_config.json"
    settings = json.loads(file.read_text("utf-8")) if file.exists() else {}
    tokens = {
        name: value["content"] if isinstance(value, dict) else value
        for name, value in settings.items()
        if name.endswith("_token")
    }
    return {name: token for name, token in tokens.items() if isinstance(token, str)}
