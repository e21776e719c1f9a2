"""One embedding model, served over file descriptors 4 (requests) and 5 (replies); see rigbook_worker for their form."""

from __future__ import annotations

import hashlib
import math
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

from counting import count
from loading import limit_length, loading, longest, prompt_of, reported
from replicas import READ_BACK, Replicas
from rigbook_worker import BadRequest, Cancellation, Json, field, serve_worker
from rigbook_worker.embedding import encoded, process_memory, texts_of

if TYPE_CHECKING:
    import numpy
    from sentence_transformers import SentenceTransformer


class Worker:
    """Holds the model between requests. Its public methods are operations: each takes a request, gives a result."""

    def __init__(self, cancellation: Cancellation) -> None:
        self._cancellation = cancellation
        self._model: SentenceTransformer | None = None
        self._replicas: Replicas | None = None
        self._normalize = False
        self._prompt: str | None = None
        self._counts: dict[bytes, Json] = {}

    def load(self, request: Json) -> Json:
        """Loads the model of a folder onto the named devices, a replica each, and reads back what came of it."""
        if self._model is not None:
            raise BadRequest("a model is loaded already")
        folder = field(request, "model", str)
        if not Path(folder).is_dir():  # else it would count as a name on a hub
            raise FileNotFoundError(f"there is no folder {folder}")
        devices = field(request, "devices", list)
        if not devices or not all(isinstance(device, str) for device in devices):
            raise BadRequest("devices has to be a list of one or more strings")
        import torch
        from sentence_transformers import SentenceTransformer

        random.seed(0)
        torch.manual_seed(0)
        if "threads" in request:
            torch.set_num_threads(field(request, "threads", int))
        with reported() as reports:
            model = SentenceTransformer(
                folder,
                device=devices[0] if len(devices) == 1 else "cpu",  # a pool takes its copies from there
                local_files_only=True,
                trust_remote_code=field(request, "trust_remote_code", bool, False),
                model_kwargs={"dtype": field(request, "dtype", str, "auto")},
            ).eval()
        limit_length(model, field(request, "max_length", int) if "max_length" in request else None)
        name = field(request, "prompt_name", str) if "prompt_name" in request else None
        self._prompt = prompt_of(model, field(request, "prompt", str) if "prompt" in request else None, name)
        model.register_forward_pre_hook(self._cancellation.check)
        self._normalize = field(request, "normalize", bool, False)
        if len(devices) > 1:
            self._replicas = Replicas(model, devices, placement, self._cancellation)
        probe = self._vectors(model, [READ_BACK], 1)  # pays what only a first call pays, too
        self._model = model
        return {
            "replicas": [placement(model)] if self._replicas is None else self._replicas.found,
            "max_length": longest(model),
            "dimensions": int(probe.shape[1]),
            "normalize": abs(math.hypot(*probe[0].astype("f8")) - 1) < 1e-2,
            "attention": getattr(getattr(model.transformers_model, "config", None), "_attn_implementation", None),
            "prompt": self._prompt,
            "prompt_name": name,
            "loading": loading(model, folder, reports),
            "torch": str(torch.__version__),
        }

    def tokens(self, request: Json) -> Json:
        """Counts tokens as the model gets them: prompt included, after truncation. Once for each list of texts."""
        model, texts = self._loaded(), texts_of(request)
        key = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).digest()
        if key not in self._counts:
            self._counts[key] = count(model, texts, self._prompt)
        return self._counts[key]

    def encode(self, request: Json) -> Json:
        """Turns texts into vectors. They leave this process only if `return_vectors` is set, as base64."""
        model, texts, batch_size = self._loaded(), texts_of(request), field(request, "batch_size", int)
        if model.device.type == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats(model.device)
        started = time.perf_counter_ns()
        vectors = self._vectors(model, texts, batch_size)
        call_ms = (time.perf_counter_ns() - started) / 1e6
        returned = field(request, "return_vectors", bool, False)
        return {**encoded(vectors, texts, returned), "call_ms": call_ms, **self.memory({})}

    def memory(self, _: Json) -> Json:
        """Bytes: on a GPU torch's peaks since the last encode began, else those of this process; none of replicas."""
        device = self._loaded().device
        if self._replicas is not None:  # they are other processes, whose memory is read from outside
            return {"memory": []}
        if device.type == "cuda":
            import torch

            bytes_by_name = {
                "torch_allocated_peak": torch.cuda.max_memory_allocated(device),
                "torch_reserved_peak": torch.cuda.max_memory_reserved(device),
            }
        else:
            bytes_by_name = process_memory()
        return {"memory": [{"name": name, "device": str(device), "bytes": n} for name, n in bytes_by_name.items()]}

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            raise BadRequest("no model is loaded")
        return self._model

    def _vectors(self, model: SentenceTransformer, texts: list[str], batch_size: int) -> numpy.ndarray:
        options = {"normalize_embeddings": self._normalize, "prompt": self._prompt}
        if self._replicas is not None:
            return self._replicas.encode(texts, batch_size, **options)
        return model.encode(texts, batch_size=batch_size, show_progress_bar=False, **options)


def placement(model: SentenceTransformer) -> Json:
    """Where the weights really are, and as what: of every parameter, not of the first."""
    import torch

    bytes_by_device: dict[str, int] = {}
    for tensor in [*model.parameters(), *model.buffers()]:
        bytes_by_device[str(tensor.device)] = bytes_by_device.get(str(tensor.device), 0) + tensor.nbytes
    on_gpu = model.device.type == "cuda"
    return {
        "device": str(model.device),
        "parameter_devices": sorted({str(parameter.device) for parameter in model.parameters()}),
        "parameter_dtypes": sorted({str(parameter.dtype).removeprefix("torch.") for parameter in model.parameters()}),
        "bytes_by_device": bytes_by_device,
        "gpu_uuid": str(torch.cuda.get_device_properties(model.device).uuid) if on_gpu else None,
        "threads": torch.get_num_threads(),
    }


if __name__ == "__main__":
    cancellation = Cancellation()
    worker = Worker(cancellation)
    operations = {"load": worker.load, "tokens": worker.tokens, "encode": worker.encode, "memory": worker.memory}
    serve_worker(operations, cancellation)
