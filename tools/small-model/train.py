"""Trains a small language model and writes it as GGUF in float32: python train.py FILE [--width 256] [--layers 4] [--steps 400].

No package carries a language model whose weights were never rounded; this one is a reference that loses nothing. It is a
Llama that reads characters, and learns from the language reference that every Python has (`pydoc_data.topics`). It needs
PyTorch, such as that of the sentence-transformers environment. A layer and some dozen steps take seconds, and give a model
whose quantizations differ as they should.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path
from pydoc_data import topics
from typing import BinaryIO

import torch
from torch import Tensor, nn
from torch.nn import functional

SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SPACE = "\u2581"
PIECES = [*SPECIAL, *BYTES, SPACE, *(chr(code) for code in range(0x21, 0x7F))]
ROUND = 32
HEAD, CONTEXT, EPSILON, BASE = 32, 512, 1e-5, 10_000.0


def encode(text: str) -> list[int]:
    """As llama.cpp's SentencePiece tokenizer does with pieces of one character; other characters are bytes."""
    of = {piece: at for at, piece in enumerate(PIECES)}
    characters = (SPACE + text).replace(" ", SPACE)
    return [token for one in characters for token in ([of[one]] if one in of else [len(SPECIAL) + b for b in one.encode()])]


class Norm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight, EPSILON)


def turned(x: Tensor) -> Tensor:
    """Rotary positions of neighbouring pairs, as llama.cpp has them for the architecture llama."""
    length, size = x.shape[-2:]
    angles = torch.outer(torch.arange(length), BASE ** (-torch.arange(0, size, 2) / size))
    cos, sin = angles.cos(), angles.sin()
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.attn_norm, self.ffn_norm = Norm(width), Norm(width)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.ffn_gate, self.ffn_up = (nn.Linear(width, inner, bias=False) for _ in range(2))
        self.ffn_down = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.attn_norm(x)
        batch, length, width = x.shape
        q, k, v = (
            part(normed).view(batch, length, width // HEAD, HEAD).transpose(1, 2)
            for part in (self.attn_q, self.attn_k, self.attn_v)
        )
        attended = functional.scaled_dot_product_attention(turned(q), turned(k), v, is_causal=True)
        x = x + self.attn_output(attended.transpose(1, 2).reshape(batch, length, width))
        normed = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(normed)) * self.ffn_up(normed))


class Model(nn.Module):
    def __init__(self, width: int, layers: int, vocabulary: int) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary, width)
        self.blk = nn.ModuleList(Layer(width, 2 * width) for _ in range(layers))
        self.output_norm = Norm(width)
        self.output = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embd(tokens)
        for layer in self.blk:
            x = layer(x)
        return self.output(self.output_norm(x))


def train(model: Model, tokens: Tensor, steps: int, batch: int, length: int) -> float:
    most = 3e-3
    optimizer = torch.optim.AdamW(model.parameters(), most, betas=(0.9, 0.95), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, most, total_steps=steps + 1, pct_start=0.1)
    recent = 0.0
    for step in range(steps):
        starts = torch.randint(len(tokens) - length - 1, (batch,))
        rows = torch.stack([tokens[start : start + length + 1] for start in starts.tolist()])
        loss = functional.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        recent = loss.item() if step == 0 else 0.95 * recent + 0.05 * loss.item()
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step + 1} of {steps}: {recent:.3f} nats per character", flush=True)
    return recent


def value(kind: str, of: object) -> bytes:
    """A value of GGUF's metadata, with its type."""
    if kind == "string":
        text = str(of).encode()
        return struct.pack("<IQ", 8, len(text)) + text
    if kind.startswith("["):
        items = list(of)  # type: ignore[call-overload]
        inner = [value(kind[1:], item) for item in items]
        return struct.pack("<I", 9) + inner[0][:4] + struct.pack("<Q", len(items)) + b"".join(each[4:] for each in inner)
    code, layout = {"u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f")}[kind]
    return struct.pack("<I", code) + struct.pack(layout, of)


def write(model: Model, target: BinaryIO, width: int, layers: int, vocabulary: int) -> None:
    spare = [f"{SPACE}w{at}" for at in range(vocabulary - len(PIECES))]
    tokens = [*PIECES, *spare]
    kinds = [2, 3, 3, *[6] * len(BYTES), *[1] * (len(tokens) - len(SPECIAL) - len(BYTES))]
    metadata: dict[str, tuple[str, object]] = {
        "general.architecture": ("string", "llama"),
        "general.name": ("string", f"characters, {layers} layers of {width}"),
        "general.file_type": ("u32", 0),
        "llama.vocab_size": ("u32", vocabulary),
        "llama.context_length": ("u32", CONTEXT),
        "llama.block_count": ("u32", layers),
        "llama.embedding_length": ("u32", width),
        "llama.feed_forward_length": ("u32", 2 * width),
        "llama.attention.head_count": ("u32", width // HEAD),
        "llama.attention.head_count_kv": ("u32", width // HEAD),
        "llama.attention.layer_norm_rms_epsilon": ("f32", EPSILON),
        "llama.rope.dimension_count": ("u32", HEAD),
        "llama.rope.freq_base": ("f32", BASE),
        "tokenizer.ggml.model": ("string", "llama"),
        "tokenizer.ggml.tokens": ("[string", tokens),
        "tokenizer.ggml.scores": ("[f32", [0.0] * len(tokens)),
        "tokenizer.ggml.token_type": ("[i32", kinds),
        "tokenizer.ggml.unknown_token_id": ("u32", 0),
        "tokenizer.ggml.bos_token_id": ("u32", 1),
        "tokenizer.ggml.eos_token_id": ("u32", 2),
    }
    tensors = [(name, weights.detach().float().contiguous()) for name, weights in model.named_parameters()]
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata))
    for key, (kind, of) in metadata.items():
        header += struct.pack("<Q", len(key)) + key.encode() + value(kind, of)
    at = 0
    for name, weights in tensors:
        shape = list(reversed(weights.shape))
        header += struct.pack("<Q", len(name)) + name.encode() + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, at)
        at += -(-weights.nbytes // ROUND) * ROUND
    target.write(header.ljust(-(-len(header) // ROUND) * ROUND, b"\0"))
    for _, weights in tensors:
        data = weights.numpy().tobytes()
        target.write(data.ljust(-(-len(data) // ROUND) * ROUND, b"\0"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    for name, default in (("width", 256), ("layers", 4), ("steps", 400), ("batch", 8), ("length", 256), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    vocabulary = -(-len(PIECES) // ROUND) * ROUND
    model = Model(options.width, options.layers, vocabulary)
    for name, weights in model.named_parameters():
        if weights.dim() == 2:
            nn.init.normal_(weights, std=0.02 if "embd" in name else options.width**-0.5 / 2)
    tokens = torch.tensor(encode("\n".join(text for _, text in sorted(topics.topics.items()))))
    train(model, tokens, options.steps, options.batch, options.length)
    with options.file.open("wb") as target:
        write(model, target, options.width, options.layers, vocabulary)
    print(f"{options.file}: {sum(each.numel() for each in model.parameters())} weights")


if __name__ == "__main__":
    main()
