"""Compares the tensors of an unpacked Llama with those of its GGUF: python compare_unpacked.py FILE FOLDER.

Prints JSON: the names of all tensors of the file, of those that are not in the folder to the precision of bfloat16, and of
those that the comparison finds to differ once their first axis is shifted by one, which has to be all.
"""

import json
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize
from safetensors import safe_open

HALF_A_STEP = 2.0**-8

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def unpacked_name(name: str) -> str:
    *block, part, kind = name.split(".")
    return ".".join([*(["model.layers", block[1]] if block else []), NAMES[part], kind])


def half_by_half(rows: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp rotates neighbours, transformers the two halves of a head: the rows of a head stand in another order."""
    pairs = rows.reshape(heads, -1, 2, rows.shape[1])
    return pairs.swapaxes(1, 2).reshape(rows.shape)


reader = GGUFReader(sys.argv[1])
heads = {
    "attn_q": int(reader.get_field("llama.attention.head_count").contents()),
    "attn_k": int(reader.get_field("llama.attention.head_count_kv").contents()),
}
folder = {}
for path in Path(sys.argv[2]).glob("*.safetensors"):
    with safe_open(path, framework="pt") as file:
        folder |= {name: file.get_tensor(name).float().numpy() for name in file.keys()}

names, different, shifted = [], [], []
for tensor in reader.tensors:
    expected = dequantize(tensor.data, tensor.tensor_type)
    part = tensor.name.split(".")[-2]
    if part in heads:
        expected = half_by_half(expected, heads[part])
    found = folder.pop(unpacked_name(tensor.name))

    def differs(values: np.ndarray) -> bool:
        return values.shape != expected.shape or bool(np.any(abs(values - expected) > HALF_A_STEP * abs(expected)))

    names.append(tensor.name)
    if differs(found):
        different.append(tensor.name)
    if differs(np.roll(found, 1, axis=0)):
        shifted.append(tensor.name)
print(json.dumps({"names": names, "different": different, "shifted": shifted, "unknown": sorted(folder)}))
