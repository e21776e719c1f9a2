"""How far a GGUF file's predictions are from those of a reference: divergence.py LIBLLAMA REFERENCE MODEL SETTINGS.

Loads both with the libllama of llama-server; every token of the vocabulary counts. SETTINGS is JSON; requests arrive as
lines of JSON on file descriptor 4, replies are written to 5. It is a process of its own, so that a crash of the library
ends no other. It needs Python's standard library alone.
"""

import array
import base64
import ctypes
import glob
import hashlib
import json
import math
import os
import sys
from itertools import repeat
from operator import mul, sub
from typing import Any, NamedTuple

REQUESTS_FD, REPLIES_FD = 4, 5
KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8, "iq4_nl": 20, "bf16": 30}
FLASH = {"auto": -1, "off": 0, "on": 1}


class ModelParameters(ctypes.Structure):
    """The beginning of llama_model_params (llama.h); the rest keeps its defaults."""

    _fields_ = [
        ("devices", ctypes.c_void_p),
        ("overrides", ctypes.c_void_p),
        ("gpu_layers", ctypes.c_int32),
        ("rest", ctypes.c_byte * 492),
    ]


class ContextParameters(ctypes.Structure):
    """llama_context_params (llama.h) as words: versions differ in its fields, so they are found by their default values."""

    _fields_ = [("words", ctypes.c_int32 * 128)]


class Places(NamedTuple):
    """Indices of fields in the words of ContextParameters."""

    threads: int
    flash_attention: int
    types: int


class Batch(ctypes.Structure):
    _fields_ = [
        ("count", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embedding", ctypes.c_void_p),
        ("position", ctypes.POINTER(ctypes.c_int32)),
        ("sequences", ctypes.POINTER(ctypes.c_int32)),
        ("sequence", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("wanted", ctypes.POINTER(ctypes.c_int8)),
    ]


class Loaded(NamedTuple):
    context: int
    vocabulary: int


def library(path: str) -> Any:
    folder = os.path.dirname(path)
    for name in ("libggml-base", "libggml"):
        for file in sorted(glob.glob(os.path.join(folder, f"{name}.*")))[:1]:
            ggml = ctypes.CDLL(file, ctypes.RTLD_GLOBAL)
    llama = ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
    # Builds with kernels in separate files find them by this folder only.
    if hasattr(ggml, "ggml_backend_load_all_from_path"):
        ggml.ggml_backend_load_all_from_path(os.fsencode(folder))
    pointer, integer, floats = ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_float)
    for name, result, arguments in (
        ("llama_model_default_params", ModelParameters, []),
        ("llama_context_default_params", ContextParameters, []),
        ("llama_model_load_from_file", pointer, [ctypes.c_char_p, ModelParameters]),
        ("llama_init_from_model", pointer, [pointer, ContextParameters]),
        ("llama_model_get_vocab", pointer, [pointer]),
        ("llama_vocab_n_tokens", integer, [pointer]),
        ("llama_vocab_get_text", ctypes.c_char_p, [pointer, integer]),
        ("llama_vocab_get_add_bos", ctypes.c_bool, [pointer]),
        ("llama_vocab_bos", integer, [pointer]),
        (
            "llama_tokenize",
            integer,
            [pointer, ctypes.c_char_p, integer, ctypes.POINTER(integer), integer, ctypes.c_bool, ctypes.c_bool],
        ),
        ("llama_batch_init", Batch, [integer, integer, integer]),
        ("llama_batch_free", None, [Batch]),
        ("llama_decode", integer, [pointer, Batch]),
        ("llama_get_logits", floats, [pointer]),
        ("llama_get_memory", pointer, [pointer]),
        ("llama_memory_clear", None, [pointer, ctypes.c_bool]),
        ("llama_n_ctx", ctypes.c_uint32, [pointer]),
        ("llama_n_threads", integer, [pointer]),
    ):
        function = getattr(llama, name)
        function.restype, function.argtypes = result, arguments
    llama.llama_backend_init()
    return llama


def places_of(words: list[int]) -> Places | None:
    """
    Contexts, batches and sequences come first (512, 2048, 512, 1); then 4 and 4 threads; four choices left to the model (-1),
    of which flash attention is the last; and the types of keys and values (F16, 1). The log shows what was set.
    """
    choices = [at for at in range(4, 24) if words[at : at + 4] == [-1, -1, -1, -1]]
    if words[:4] != [512, 2048, 512, 1] or len(choices) != 1:
        return None
    threads = [at for at in range(4, choices[0] - 1) if words[at : at + 2] == [4, 4]]
    types = [at for at in range(choices[0] + 12, choices[0] + 28) if words[at : at + 2] == [1, 1]]
    if len(threads) != 1 or len(types) != 1:
        return None
    return Places(threads[0], choices[0] + 3, types[0])


def load(llama: Any, path: str, settings: dict[str, Any]) -> Loaded:
    parameters = llama.llama_model_default_params()
    if parameters.devices or parameters.overrides or parameters.gpu_layers not in (-1, 0, 99, 999):
        sys.exit("error: this build of llama.cpp has other model parameters")
    parameters.gpu_layers = 0
    # An empty list of devices: otherwise the library may use a GPU even for no layers.
    none = (ctypes.c_void_p * 1)(None)
    parameters.devices = ctypes.addressof(none)
    model = llama.llama_model_load_from_file(os.fsencode(path), parameters)
    if not model:
        sys.exit(f"error: llama.cpp can't load {os.path.basename(path)}")
    of = llama.llama_context_default_params()
    places = places_of(list(of.words))
    if places is None:
        sys.exit("error: this build of llama.cpp has other context parameters")
    of.words[0] = of.words[1] = settings["context"]
    of.words[2] = min(settings["context"], settings["ubatch"])
    of.words[places.threads] = of.words[places.threads + 1] = settings["threads"]
    of.words[places.flash_attention] = FLASH[settings["flash_attention"]]
    of.words[places.types] = of.words[places.types + 1] = KV_TYPES[settings["kv_cache"]]
    context = llama.llama_init_from_model(model, of)
    if not context:
        sys.exit(f"error: llama.cpp can't make a context for {os.path.basename(path)}")
    return Loaded(context, llama.llama_model_get_vocab(model))


def texts(llama: Any, vocabulary: int) -> str:
    """A hash over all tokens in their order: only models with equal hashes can be compared."""
    digest = hashlib.sha256()
    for token in range(llama.llama_vocab_n_tokens(vocabulary)):
        digest.update((llama.llama_vocab_get_text(vocabulary, token) or b"") + b"\0")
    return digest.hexdigest()


def tokenize(llama: Any, vocabulary: int, text: str) -> list[int]:
    encoded = text.encode()
    room = len(encoded) + 8
    tokens = (ctypes.c_int32 * room)()
    count = llama.llama_tokenize(vocabulary, encoded, len(encoded), tokens, room, True, False)
    if count < 0:
        raise ValueError("the text can't be tokenized")
    return tokens[:count]


def logits(llama: Any, loaded: Loaded, tokens: list[int], first: int) -> list[array.array]:
    """The model's logits after each token from `first` to the last but one."""
    batch = llama.llama_batch_init(len(tokens), 0, 1)
    batch.count = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place], batch.position[place] = token, place
        batch.sequences[place], batch.sequence[place][0] = 1, 0
        batch.wanted[place] = first <= place < len(tokens) - 1
    llama.llama_memory_clear(llama.llama_get_memory(loaded.context), True)
    failed = llama.llama_decode(loaded.context, batch)
    llama.llama_batch_free(batch)
    if failed != 0:
        raise RuntimeError(f"llama_decode failed with code {failed}")
    size = llama.llama_vocab_n_tokens(loaded.vocabulary)
    found = llama.llama_get_logits(loaded.context)
    rows = len(tokens) - 1 - first
    flat = array.array("f")
    flat.frombytes(ctypes.string_at(found, 4 * size * rows))
    return [flat[row * size : (row + 1) * size] for row in range(rows)]


class Row(NamedTuple):
    """Logits of one position, shifted so that the largest is 0; its index; and the logarithm of the sum of their exponentials."""

    logits: list[float]
    powers: list[float]
    top: int
    total: float


def row_of(values: array.array) -> Row:
    largest = max(values)
    raised = list(map(sub, values, repeat(largest)))
    powers = list(map(math.exp, raised))
    return Row(raised, powers, values.index(largest), math.log(sum(powers)))


class Position(NamedTuple):
    divergence: float
    change: float
    surprise: float
    reference_surprise: float
    same_top: bool


def position(reference: array.array, model: array.array, following: int) -> Position:
    """Kullback-Leibler divergence from the reference's distribution, in nats, and the change for the actual next token."""
    p, q = row_of(reference), row_of(model)
    # The mean of ln p - ln q by p, whose logarithms are the logits minus the total.
    mean = sum(map(mul, p.powers, map(sub, p.logits, q.logits))) / math.exp(p.total)
    log_p, log_q = p.logits[following] - p.total, q.logits[following] - q.total
    return Position(mean - (p.total - q.total), math.exp(log_q) - math.exp(log_p), -log_q, -log_p, p.top == q.top)


def packed(values: list[float]) -> str:
    floats = array.array("f", values)
    if sys.byteorder == "big":
        floats.byteswap()
    return base64.b64encode(floats.tobytes()).decode()


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


class Comparison:
    def __init__(self, llama: Any, reference: Loaded, model: Loaded, length: int) -> None:
        self.llama, self.reference, self.model, self.length = llama, reference, model, length
        self.text, self.tokens = "", list[int]()

    def chunk(self, text: str, number: int) -> dict[str, Any]:
        if text != self.text:
            self.text, self.tokens = text, tokenize(self.llama, self.model.vocabulary, text)
        tokens = self.tokens[number * self.length : (number + 1) * self.length]
        if len(tokens) < self.length:
            have = len(self.tokens) // self.length
            raise ValueError(f"the text has {len(self.tokens)} tokens, which make {have} chunks of {self.length}")
        if self.llama.llama_vocab_get_add_bos(self.model.vocabulary):
            tokens[0] = self.llama.llama_vocab_bos(self.model.vocabulary)
        first = self.length // 2
        following = tokens[first + 1 :]
        expected = logits(self.llama, self.reference, tokens, first)
        found = logits(self.llama, self.model, tokens, first)
        positions = [position(*each) for each in zip(expected, found, following, strict=True)]
        null = self.null_test(tokens, first, expected, following) if number == 0 else {}
        return {
            "tokens": len(tokens),
            "divergence": {
                "positions": len(positions),
                "divergences": packed([each.divergence for each in positions]),
                "changes": packed([each.change for each in positions]),
                "surprise": finite(math.fsum(each.surprise for each in positions)),
                "referenceSurprise": finite(math.fsum(each.reference_surprise for each in positions)),
                "sameTop": sum(each.same_top for each in positions),
                **null,
            },
        }

    def null_test(self, tokens: list[int], first: int, expected: list[array.array], following: list[int]) -> dict[str, float]:
        """The reference compared with itself, computed a second time: equal logits have no divergence."""
        again = logits(self.llama, self.reference, tokens, first)
        pairs = [each for each in zip(expected, again, following, strict=True) if each[0] != each[1]]
        largest = max((abs(position(*each).divergence) for each in pairs), default=0.0)
        return {"nullTest": largest} if math.isfinite(largest) else {}


def main() -> None:
    path, reference_path, model_path, settings_text = sys.argv[1:]
    settings = json.loads(settings_text)
    llama = library(path)
    replies = os.fdopen(REPLIES_FD, "w", encoding="utf-8")

    def reply(message: dict[str, Any]) -> None:
        print(json.dumps(message), file=replies, flush=True)

    plain = {**settings, "kv_cache": "f16", "flash_attention": "auto"}
    reference = load(llama, reference_path, plain)
    # The log after this line is that of the measured model.
    print("rigbook: the reference is loaded", file=sys.stderr, flush=True)
    model = load(llama, model_path, settings)
    if texts(llama, reference.vocabulary) != texts(llama, model.vocabulary):
        reply({"error": "vocabulary"})
        return
    reply({"context": llama.llama_n_ctx(model.context), "threads": llama.llama_n_threads(model.context)})
    comparison = Comparison(llama, reference, model, settings["context"])
    for line in os.fdopen(REQUESTS_FD, encoding="utf-8"):
        request = json.loads(line)
        try:
            reply({"id": request["id"], "result": comparison.chunk(request["text"], request["chunk"])})
        except (ValueError, RuntimeError) as error:
            reply({"id": request["id"], "error": str(error)})


if __name__ == "__main__":
    main()
    # The operating system frees the models faster than the library.
    sys.stdout.flush()
    os._exit(0)
