"""One embedding model in ONNX Runtime, served over file descriptors 4 (requests) and 5 (replies); see rigbook_worker."""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rigbook_worker import BadRequest, Cancellation, Json, field, serve_worker
from rigbook_worker.embedding import encoded, process_memory, texts_of
from texts import Texts

if TYPE_CHECKING:
    import numpy
    from onnxruntime import InferenceSession

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
RECORD_NODES = "session.record_ep_graph_assignment_info"


class OldRuntimeError(RuntimeError):
    """It does not report which provider got which nodes, so that nothing proves where it computes."""


class Worker:
    """Holds the model between requests. Its public methods are operations: each takes a request, gives a result."""

    def __init__(self, cancellation: Cancellation) -> None:
        self._cancellation = cancellation
        self._session: InferenceSession | None = None
        self._texts: Texts
        self._device = "cpu"
        self._output = ""
        self._pooling: str | None = None
        self._normalize = False
        self._counts: dict[bytes, Json] = {}

    def load(self, request: Json) -> Json:
        """Loads the model onto one device, and reads back which provider got which nodes of the graph."""
        if self._session is not None:
            raise BadRequest("a model is loaded already")
        import onnxruntime

        if not hasattr(onnxruntime.InferenceSession, "get_provider_graph_assignment_info"):
            raise OldRuntimeError(f"onnxruntime {onnxruntime.__version__} does not report which provider computes")
        self._device = field(request, "device", str)
        provider = PROVIDERS[self._device]
        if self._device == "cuda":
            onnxruntime.preload_dlls()  # those of the packages beside it
        if provider not in onnxruntime.get_available_providers():  # else it takes the processor, with a warning
            raise RuntimeError(f"{provider} is not in this build of ONNX Runtime")
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry(RECORD_NODES, "1")
        if "threads" in request:
            options.intra_op_num_threads = field(request, "threads", int)
        session = onnxruntime.InferenceSession(field(request, "model", str), options, providers=[provider])
        session.disable_fallback()
        if provider not in session.get_providers():
            raise RuntimeError(f"{provider} can't be used: read the log for what it is missing")
        folder = Path(field(request, "settings", str))
        limit = field(request, "max_length", int) if "max_length" in request else None
        self._texts = Texts(folder, limit, field(request, "prompt", str, ""))
        self._normalize = field(request, "normalize", bool, False)
        outputs = session.get_outputs()  # by the same rule as OnnxHeader.ts
        output = next((each for each in outputs if each.name == "sentence_embedding"), outputs[0])
        self._output = output.name
        if len(output.shape) == 3:
            self._pooling = field(request, "pooling", str)
        elif len(output.shape) != 2:
            raise ValueError(f"the output {output.name} is no vector for each text or token: {output.shape}")
        probe = self._vectors(session, ["What is effective is read back."], 1)  # pays what only a first call pays, too
        self._session = session
        return {
            "providers": nodes_by_provider(session),
            "threads": session.get_session_options().intra_op_num_threads or None,
            "max_length": self._texts.limit(),
            "dimensions": int(probe.shape[1]),
            "normalize": abs(math.hypot(*probe[0].astype("f8")) - 1) < 1e-2,
            "pooling": self._pooling,
            "prompt": self._texts.prompt or None,
            "vocabulary": self._texts.tokenizer.get_vocab_size(),
            "output": output.type,
        }

    def tokens(self, request: Json) -> Json:
        """Counts tokens as the model gets them: prompt included, after truncation. Once for each list of texts."""
        self._loaded()
        texts = texts_of(request)
        key = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()
        if key not in self._counts:
            self._counts[key] = self._texts.count(texts)
        return self._counts[key]

    def encode(self, request: Json) -> Json:
        """Turns texts into vectors: tokenizes, runs the graph, pools. They leave this process only if requested."""
        session, texts, batch_size = self._loaded(), texts_of(request), field(request, "batch_size", int)
        started = time.perf_counter_ns()
        vectors = self._vectors(session, texts, batch_size)
        call_ms = (time.perf_counter_ns() - started) / 1e6
        returned = field(request, "return_vectors", bool, False)
        # Of a GPU the runtime reports nothing: that is read from outside.
        memory = process_memory() if self._device == "cpu" else {}
        return {
            **encoded(vectors, texts, returned),
            "call_ms": call_ms,
            "memory": [{"name": name, "device": "cpu", "bytes": size} for name, size in memory.items()],
        }

    def _loaded(self) -> InferenceSession:
        if self._session is None:
            raise BadRequest("no model is loaded")
        return self._session

    def _vectors(self, session: InferenceSession, texts: list[str], batch_size: int) -> numpy.ndarray:
        """In passes of texts of like length, as sentence-transformers makes them, in the order of `texts`."""
        import numpy

        names = [each.name for each in session.get_inputs()]
        order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        parts = []
        for start in range(0, len(order), batch_size):
            self._cancellation.check()
            inputs = self._texts.inputs([texts[at] for at in order[start : start + batch_size]])
            if missing := [name for name in names if name not in inputs]:
                raise ValueError(f"the graph has inputs that texts don't give: {', '.join(missing)}")
            (output,) = session.run([self._output], {name: inputs[name] for name in names})
            # In half precision a sum over many tokens is too large.
            parts.append(pooled(output.astype("f4", copy=False), inputs["attention_mask"], self._pooling))
        vectors = numpy.concatenate(parts)
        if self._normalize:
            vectors = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors[numpy.argsort(order)]


def pooled(output: numpy.ndarray, mask: numpy.ndarray, pooling: str | None) -> numpy.ndarray:
    """Of vectors of tokens that of the text; what the graph has pooled itself stays."""
    if output.ndim == 2:
        return output
    if pooling == "cls":
        return output[:, 0]
    weights = mask[:, :, None].astype(output.dtype)
    return (output * weights).sum(axis=1) / weights.sum(axis=1).clip(min=1e-9)


def nodes_by_provider(session: Any) -> Json:
    """Which provider got how many nodes, and how many of them multiply matrices: there the weights are."""
    found: dict[str, Counter[str]] = {}
    for part in session.get_provider_graph_assignment_info():
        for node in part.get_nodes():
            counts = found.setdefault(part.ep_name, Counter())
            counts["nodes"] += 1
            counts["products"] += any(word in node.op_type for word in ("MatMul", "Gemm", "Attention", "Conv"))
    return {name: {"nodes": counts["nodes"], "products": counts["products"]} for name, counts in found.items()}


if __name__ == "__main__":
    cancellation = Cancellation()
    worker = Worker(cancellation)
    operations = {"load": worker.load, "tokens": worker.tokens, "encode": worker.encode}
    serve_worker(operations, cancellation)
