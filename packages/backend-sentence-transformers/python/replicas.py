"""Copies of a model in processes of their own, one for each device: sentence-transformers' own pool.

A pool does not report where its copies are, so a hook that travels with the model does, from inside each process.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Any

from rigbook_worker import Cancellation, Json

if TYPE_CHECKING:
    import numpy
    from sentence_transformers import SentenceTransformer

READ_BACK = "What is effective is read back."


class Report:
    """Tells, once in each process and when the model first computes there, what `facts` says of it."""

    def __init__(self, reports: SimpleQueue[Json], facts: Callable[[SentenceTransformer], Json]) -> None:
        self._reports, self._facts, self._done = reports, facts, False

    def __call__(self, model: SentenceTransformer, _: Any) -> None:
        if not self._done:
            self._done = True
            self._reports.put(self._facts(model))


class Replicas:
    """A started pool. `found` is what each copy said of itself, in no order."""

    def __init__(
        self,
        model: SentenceTransformer,
        devices: list[str],
        facts: Callable[[SentenceTransformer], Json],
        cancellation: Cancellation,
    ) -> None:
        import torch.multiprocessing

        context = torch.multiprocessing.get_context("spawn")
        reports = context.SimpleQueue()
        cancellation.shared = context.Event()
        model.register_forward_pre_hook(Report(reports, facts))
        self._model = model
        self._pool = model.start_multi_process_pool(devices)
        threading.Thread(target=self._watch, daemon=True).start()
        self.found: list[Json] = []
        while len(self.found) < len(devices):  # whoever is ready first may take more than its share
            self.encode([READ_BACK] * len(devices), 1)
            while not reports.empty():
                self.found.append(reports.get())

    def encode(self, texts: list[str], batch_size: int, **options: Any) -> numpy.ndarray:
        """Hands texts out in forward passes. The pool's own chunks could be smaller than the requested pass."""
        return self._model.encode(
            texts,
            pool=self._pool,
            batch_size=batch_size,
            chunk_size=batch_size,
            show_progress_bar=False,
            **options,
        )

    def _watch(self) -> None:
        """Without one of its replicas the placement is another: then this process ends as that one did, and at once."""
        by_sentinel = {process.sentinel: process for process in self._pool["processes"]}
        process = by_sentinel[wait(list(by_sentinel))[0]]
        process.join()
        code = process.exitcode
        print(f"The replica in process {process.pid} ended with exit code {code}.", file=sys.stderr, flush=True)
        os._exit(128 - code if code < 0 else code or 1)
