"""Quantizes the tiny Llama of tiny_model.py: python quantized_model.py FROM FOLDER FORMAT.

Rounds to nearest, and packs as each format's own writers do. What an engine answers with it can be compared with what it
answers with the unquantized model.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

GROUP = 32
AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)

source, folder, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
shutil.copytree(source, folder, dirs_exist_ok=True)


def nibbles(values: torch.Tensor, order: tuple[int, ...] = tuple(range(8))) -> torch.Tensor:
    """Eight values from 0 to 15 a word, along the last axis."""
    groups = values.to(torch.int64).reshape(*values.shape[:-1], -1, 8)[..., list(order)]
    packed = sum(groups[..., at] << (4 * at) for at in range(8))
    return torch.where(packed >= 2**31, packed - 2**32, packed).to(torch.int32)


def symmetric(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Values from 0 to 15 around 8, by output and input; scales by output and group."""
    groups = weight.float().reshape(weight.shape[0], -1, GROUP)
    scales = groups.abs().amax(-1, keepdim=True) / 7
    values = (groups / scales).round().clamp(-8, 7) + 8
    return values.reshape(weight.shape), scales.squeeze(-1)


def asymmetric(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    groups = weight.float().reshape(weight.shape[0], -1, GROUP)
    low, high = groups.amin(-1, keepdim=True), groups.amax(-1, keepdim=True)
    scales = (high - low) / 15
    zeros = (-low / scales).round().clamp(0, 15)
    values = ((groups / scales).round() + zeros).clamp(0, 15)
    return values.reshape(weight.shape), scales.squeeze(-1), zeros.squeeze(-1)


def awq(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    values, scales, zeros = asymmetric(weight)
    return {
        "qweight": nibbles(values.T.contiguous(), AWQ_ORDER),
        "qzeros": nibbles(zeros.T.contiguous(), AWQ_ORDER),
        "scales": scales.T.contiguous().half(),
    }


def gptq(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    values, scales = symmetric(weight)
    return {
        "qweight": nibbles(values).T.contiguous(),
        "qzeros": nibbles(torch.full((scales.shape[1], weight.shape[0]), 7)),
        "scales": scales.T.contiguous().half(),
        "g_idx": torch.arange(weight.shape[1], dtype=torch.int32) // GROUP,
    }


def int4(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    values, scales = symmetric(weight)
    return {
        "weight_packed": nibbles(values),
        "weight_scale": scales.to(torch.bfloat16),
        "weight_shape": torch.tensor(weight.shape, dtype=torch.int64),
    }


def int8(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    scales = weight.float().abs().amax(-1, keepdim=True) / 127
    return {"weight": (weight.float() / scales).round().to(torch.int8), "weight_scale": scales}


def fp8(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    scale = weight.float().abs().amax() / 448
    return {"weight": (weight.float() / scale).to(torch.float8_e4m3fn), "weight_scale": scale}


def fp8_blocks(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    rows, columns = (-(-size // 128) for size in weight.shape)
    scales, values = torch.empty(rows, columns), torch.empty(weight.shape, dtype=torch.float8_e4m3fn)
    for row in range(rows):
        for column in range(columns):
            at = (slice(128 * row, 128 * row + 128), slice(128 * column, 128 * column + 128))
            scales[row, column] = weight[at].float().abs().amax() / 448
            values[at] = (weight[at].float() / scales[row, column]).to(torch.float8_e4m3fn)
    return {"weight": values, "weight_scale_inv": scales}


FP4 = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6])
NF4 = torch.tensor(
    [-1, -0.6961928, -0.5250731, -0.3949175, -0.2844414, -0.1847734, -0.0910500, 0]
    + [0.0795803, 0.1609302, 0.2461123, 0.3379152, 0.4407098, 0.5626170, 0.7229568, 1]
)
BLOCK = 64


def nearest(values: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    return (values.unsqueeze(-1) - levels).abs().argmin(-1)


def mxfp4(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    """Signs and magnitudes of half a byte, the first of two in the low half; a power of two for each 32."""
    groups = weight.float().reshape(weight.shape[0], -1, 32)
    exponent = (groups.abs().amax(-1, keepdim=True).log2().floor() - 2).clamp(-127, 127)
    values = groups / torch.exp2(exponent)
    codes = (nearest(values.abs(), FP4) | (values < 0).to(torch.int64) << 3).reshape(weight.shape)
    return {
        "weight_packed": (codes[:, 0::2] | codes[:, 1::2] << 4).to(torch.uint8),
        "weight_scale": (exponent.squeeze(-1) + 127).to(torch.uint8),
    }


def bitsandbytes(weight: torch.Tensor) -> dict[str, torch.Tensor]:
    """Half bytes, the first of two in the high half; the largest value of each 64."""
    blocks = weight.float().reshape(-1, BLOCK)
    largest = blocks.abs().amax(-1, keepdim=True)
    codes = nearest(blocks / largest, NF4).flatten()
    state = {"quant_type": "nf4", "blocksize": BLOCK, "dtype": "bfloat16", "shape": list(weight.shape)}
    return {
        "weight": (codes[0::2] << 4 | codes[1::2]).to(torch.uint8).reshape(-1, 1),
        "weight.absmax": largest.flatten(),
        "weight.quant_map": NF4.clone(),
        "weight.quant_state.bitsandbytes__nf4": torch.tensor(list(json.dumps(state).encode()), dtype=torch.uint8),
    }


def compressed(bits: int, form: str, activations: bool) -> dict:
    tokens = {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "token", "dynamic": True}
    group = {"strategy": "group", "group_size": GROUP} if bits == 4 else {"strategy": "channel"}
    return {
        "quant_method": "compressed-tensors",
        "format": form,
        "ignore": ["lm_head"],
        "config_groups": {
            "group_0": {
                "targets": ["Linear"],
                "weights": {"num_bits": bits, "type": "int", "symmetric": True, **group},
                "input_activations": tokens if activations else None,
            }
        },
    }


FORMATS = {
    "awq": (awq, {"quant_method": "awq", "bits": 4, "group_size": GROUP, "zero_point": True, "version": "gemm"}),
    "gptq": (gptq, {"quant_method": "gptq", "bits": 4, "group_size": GROUP, "desc_act": False, "sym": True}),
    "compressed-tensors-int4": (int4, compressed(4, "pack-quantized", False)),
    "compressed-tensors-int8": (int8, compressed(8, "int-quantized", True)),
    "compressed-tensors-mxfp4": (
        mxfp4,
        {
            "quant_method": "compressed-tensors",
            "format": "mxfp4-pack-quantized",
            "ignore": ["lm_head"],
            "config_groups": {
                "group_0": {
                    "targets": ["Linear"],
                    "weights": {
                        "num_bits": 4,
                        "type": "float",
                        "symmetric": True,
                        "strategy": "group",
                        "group_size": 32,
                        "scale_dtype": "torch.uint8",
                    },
                    "input_activations": None,
                }
            },
        },
    ),
    "bitsandbytes": (
        bitsandbytes,
        {
            "quant_method": "bitsandbytes",
            "load_in_4bit": True,
            "load_in_8bit": False,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_compute_dtype": "bfloat16",
            "bnb_4bit_use_double_quant": False,
        },
    ),
    "fp8": (fp8, {"quant_method": "fp8", "activation_scheme": "dynamic"}),
    "fp8-blocks": (
        fp8_blocks,
        {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]},
    ),
}

pack, settings = FORMATS[kind]
weights: dict[str, torch.Tensor] = {}
for name, weight in load_file(source / "model.safetensors").items():
    if name.endswith("_proj.weight"):
        weights |= {name.removesuffix("weight") + part: tensor.contiguous() for part, tensor in pack(weight).items()}
    else:
        weights[name] = weight
save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})

config = json.loads((source / "config.json").read_text())
(folder / "config.json").write_text(json.dumps({**config, "quantization_config": settings}))
