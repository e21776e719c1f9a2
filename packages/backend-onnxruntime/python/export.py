"""Writes an encoder's folder as one with an ONNX graph: python export.py FOLDER OUT.

Needs torch, transformers, onnx and onnxscript, which this backend does not: run it with a Python that has them.
"""

import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoModel

source, target = Path(sys.argv[1]), Path(sys.argv[2])
NAMES = ["input_ids", "attention_mask", "token_type_ids"]


class Encoder(torch.nn.Module):
    """Takes its inputs by position, in the order of NAMES, and gives the vectors of tokens alone."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.model(**dict(zip(names, inputs, strict=True))).last_hidden_state


model = AutoModel.from_pretrained(source, local_files_only=True, dtype=torch.float32)
encoder = Encoder(model).eval()
names = NAMES if getattr(model.config, "type_vocab_size", 0) > 1 else NAMES[:2]
sizes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "*.md", ".*"))
torch.onnx.export(
    encoder,
    tuple(torch.ones(2, 8, dtype=torch.long) for _ in names),
    target / "model.onnx",
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_shapes=(tuple(sizes for _ in names),),
    dynamo=True,
    external_data=False,
)
