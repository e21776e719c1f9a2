"""How much Q5_0 and Q5_1 lose of weights that never were rounded, and of those that Q4_1 had rounded before: python rounded_twice.py.

Normal random weights in blocks of 32, rounded as ggml's `quantize_row_*_ref` do. Prints the root mean square of the errors,
as a share of that of the weights. It needs numpy.
"""

import numpy as np

BLOCK = 32


def half(values: np.ndarray) -> np.ndarray:
    """Scales are stored in 16 bits."""
    return values.astype(np.float16).astype(np.float32)


def symmetric(blocks: np.ndarray, bits: int) -> np.ndarray:
    """Q4_0, Q5_0: steps of the largest weight / −2^(bits − 1), around zero."""
    middle = 2 ** (bits - 1)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(1)[:, None], 1)
    step = largest / -middle
    whole = np.clip(np.floor(blocks / step + middle + 0.5), 0, 2 * middle - 1)
    return (whole - middle) * half(step)


def between(blocks: np.ndarray, bits: int) -> np.ndarray:
    """Q4_1, Q5_1: 2^bits − 1 steps from the smallest weight to the largest."""
    low = blocks.min(1, keepdims=True)
    step = (blocks.max(1, keepdims=True) - low) / (2**bits - 1)
    return np.floor((blocks - low) / step + 0.5) * half(step) + half(low)


def error(blocks: np.ndarray, rounded: np.ndarray) -> float:
    return float(np.sqrt(((rounded - blocks) ** 2).mean() / (blocks**2).mean()))


if __name__ == "__main__":
    whole = np.random.default_rng(1).standard_normal((200_000, BLOCK)).astype(np.float32)
    for name, blocks in (("never rounded", whole), ("rounded to Q4_1 before", between(whole, 4))):
        print(f"{name}: Q5_0 {error(blocks, symmetric(blocks, 5)):.4f}, Q5_1 {error(blocks, between(blocks, 5)):.4f}")
