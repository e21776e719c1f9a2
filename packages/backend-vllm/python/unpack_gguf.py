"""Unpacks a GGUF file into a folder of bf16 safetensors that vLLM reads: python unpack_gguf.py FILE FOLDER.

Says what it is at in lines that begin with "step: ". The weights become as wide as vLLM computes with; they are as exact as
they were in the file, and no more.
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig


def step(what: str) -> None:
    print(f"step: {what}", flush=True)


if __name__ == "__main__":
    file, folder = Path(sys.argv[1]), sys.argv[2]
    at = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    step("reading the tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(**at)
    step("unpacking the weights")
    # Left to itself transformers keeps them packed, and refuses to write them.
    packing = GgufConfig(gguf_file=file.name, dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(**at, dtype=torch.bfloat16, quantization_config=packing)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    step("writing safetensors")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
