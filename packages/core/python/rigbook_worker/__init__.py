"""The Python side of `startWorker`: requests and replies as lines of JSON, answered in order, one at a time.

`{"id", "op", ...}` is answered by `{"id", "result"}` or `{"id", "error": {"kind", "type", "message"}}`. Whatever a line
holds, and whatever an operation raises, is answered; only the end of the requests, or `close`, ends `serve`. Standard
output and error are left to libraries: what they print can't look like a reply.
"""

from __future__ import annotations

import gc
import json
import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing.synchronize import Event
from queue import SimpleQueue
from typing import Any, BinaryIO, TypeVar

Json = dict[str, Any]
Operation = Callable[[Json], Json]
T = TypeVar("T")

REQUESTS_FD, REPLIES_FD = 4, 5
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate memory",
    "failed to map segment",
    "bad_alloc",
)


class BadRequest(Exception):
    """The request is invalid."""


class UnusableVectors(Exception):
    """The model returned nothing usable."""


class Cancelled(Exception):
    """The result is no longer needed."""


def field(request: Json, name: str, kind: type[T], default: T | None = None) -> T:
    """A request's field, which has to be of `kind`. All our numbers are counts, so an int has to be positive."""
    value = request.get(name, default)
    if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 1)):
        raise BadRequest(f"{name} has to be a {'positive int' if kind is int else kind.__name__}")
    return value


class Cancellation:
    """Tells the running operation that its result is no longer needed."""

    def __init__(self) -> None:
        self.cancelled: set[int] = set()
        self.current: int | None = None
        self.shared: Event | None = None  # for processes that a copy of this is handed to

    def begin(self, request: int | None) -> None:
        self.current = request
        if self.shared is not None:
            self.shared.clear()
        self.check()  # it may have been cancelled just before

    def cancel(self, request: int) -> None:
        self.cancelled.add(request)
        if self.shared is not None and request == self.current:
            self.shared.set()

    def check(self, *_: object) -> None:
        if self.current in self.cancelled or (self.shared is not None and self.shared.is_set()):
            raise Cancelled("cancelled")


def describe(error: Exception) -> Json:
    """An error as a reply shows it. Too little memory has many names."""
    message = str(error)
    if isinstance(error, MemoryError) or any(words in message.lower() for words in OUT_OF_MEMORY):
        kind = "out-of-memory"
    else:
        kinds = {BadRequest: "bad-request", Cancelled: "cancelled", UnusableVectors: "bad-vectors"}
        kind = kinds.get(type(error), "failed")
    return {"kind": kind, "type": type(error).__name__, "message": message[:2000]}


def parse(line: bytes) -> Json:
    """A line as a request. One that is none becomes `{"invalid"}`, to be answered in its turn."""
    try:
        request = json.loads(line)
    except Exception as error:
        return {"invalid": f"not a line of JSON: {error}"}
    return request if isinstance(request, dict) else {"invalid": "a request has to be a JSON object"}


def serve_worker(operations: Mapping[str, Operation], cancellation: Cancellation) -> None:
    """Serves on the file descriptors that Rigbook opens."""
    serve(os.fdopen(REQUESTS_FD, "rb"), os.fdopen(REPLIES_FD, "wb"), operations, cancellation)


def serve(
    requests: BinaryIO, replies: BinaryIO, operations: Mapping[str, Operation], cancellation: Cancellation
) -> None:
    inbox: SimpleQueue[Json | None] = SimpleQueue()

    def read() -> None:  # on a thread of its own: a cancellation has to be seen while the model works
        try:
            for line in requests:
                request = parse(line)
                if not isinstance(request.get("id"), int):
                    request["id"] = None
                if request.get("op") == "cancel" and request["id"] is not None:
                    cancellation.cancel(request["id"])
                else:
                    inbox.put(request)
        finally:
            inbox.put(None)

    threading.Thread(target=read, daemon=True).start()
    while (request := inbox.get()) is not None:
        failed: Json = {}
        try:
            cancellation.begin(request["id"])
            reply = json.dumps({"id": request["id"], "result": answer(request, operations)}, allow_nan=False)
        except Exception as error:  # also of a result that JSON can't hold
            failed = describe(error)
            reply = json.dumps({"id": request["id"], "error": failed})
        replies.write(reply.encode() + b"\n")
        replies.flush()
        if request.get("op") == "close":
            return
        if failed.get("kind") == "out-of-memory":
            gc.collect()  # what the failed call still holds in cycles


def answer(request: Json, operations: Mapping[str, Operation]) -> Json:
    if "invalid" in request:
        raise BadRequest(request["invalid"])
    op = field(request, "op", str)
    if op == "close":
        return {}
    if op not in operations:
        raise BadRequest(f"unknown op {op!r}, known are {', '.join([*operations, 'close', 'cancel'])}")
    return operations[op](request)
