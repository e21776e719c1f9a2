"""Quantizes a GGUF file: python quantize_gguf.py LIBLLAMA FROM TO FILE_TYPE KEY VALUE.

llama.cpp's own quantizer does the work, out of the library that llama-server is made with: servers come without
llama-quantize. KEY and VALUE are a text that the header of TO gets. Runs as a process of its own, so that a crash of the library ends no other.
"""

import ctypes
import os
import shutil
import struct
import sys

STRING = 8


class Parameters(ctypes.Structure):
    """The beginning of llama_model_quantize_params (llama.h), the same since 2024; what follows is left alone."""

    _fields_ = [
        ("threads", ctypes.c_int32),
        ("file_type", ctypes.c_int32),
        ("output_type", ctypes.c_int32),
        ("embedding_type", ctypes.c_int32),
        ("allow_requantize", ctypes.c_bool),
        ("quantize_output", ctypes.c_bool),
        ("only_copy", ctypes.c_bool),
        ("pure", ctypes.c_bool),
        ("rest", ctypes.c_byte * 236),
    ]


def quantize(library: str, source: str, target: str, file_type: int) -> None:
    llama = ctypes.CDLL(library)
    llama.llama_model_quantize_default_params.restype = Parameters
    llama.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
    llama.llama_model_quantize.restype = ctypes.c_uint32
    parameters = llama.llama_model_quantize_default_params()
    flags = [parameters.allow_requantize, parameters.quantize_output, parameters.only_copy, parameters.pure]
    if flags != [False, True, False, False] or parameters.output_type != parameters.embedding_type:
        sys.exit("error: this build of llama.cpp keeps its parameters in another way")
    parameters.threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parameters.file_type = file_type
    parameters.allow_requantize = True
    failed = llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(parameters))
    if failed != 0:
        sys.exit(f"error: llama.cpp's quantizer gave up with {failed}")


def mark(source: str, target: str, key: str, value: str) -> None:
    """Puts an entry before all others of the header (ggml's docs/gguf.md)."""
    name, text = key.encode(), value.encode()
    size = 8 + len(name) + 4 + 8 + len(text)
    # Tensors are aligned by their place in the file, so they may move by whole blocks only.
    text += b" " * (-size % 1024)
    with open(source, "rb") as given, open(target, "wb") as made:
        magic, version, tensors, entries = struct.unpack("<4sIQQ", given.read(24))
        made.write(struct.pack("<4sIQQ", magic, version, tensors, entries + 1))
        made.write(struct.pack("<Q", len(name)) + name + struct.pack("<IQ", STRING, len(text)) + text)
        shutil.copyfileobj(given, made, 1 << 24)
        made.flush()
        # On the disk for good, so that writing does not go on while a model is measured.
        os.fsync(made.fileno())


if __name__ == "__main__":
    library, source, target, file_type, key, value = sys.argv[1:]
    bare = f"{target}.bare"
    quantize(library, source, bare, int(file_type))
    mark(bare, target, key, value)
    os.remove(bare)
