"""The engine: answers lines of JSON on file descriptors 4 and 5, for src/index.ts. Standard output is the log."""

import base64
import hashlib
import struct
import threading
from pathlib import Path

from rigbook_worker import Cancellation, field, serve_worker
from rigbook_worker.embedding import texts_of


def load(request: dict) -> dict:
    """Loads the model, and reads back what is effective. Put your library here."""
    if not Path(field(request, "model", str)).exists():
        raise FileNotFoundError(f"there is no {request['model']}")
    return {"threads": threading.active_count()}


def next_token(_: dict) -> dict:
    return {"text": "word "}


def encode(request: dict) -> dict:
    """A vector of two numbers for each text, as little-endian float32."""
    texts = texts_of(request)
    raw = b"".join(struct.pack("<2f", 1, len(text)) for text in texts)
    returned = {"vectors": base64.b64encode(raw).decode()} if field(request, "return_vectors", bool) else {}
    tokens = sum(len(text.split()) for text in texts)
    return {"tokens": tokens, "count": len(texts), "dimensions": 2, "sha256": hashlib.sha256(raw).hexdigest(), **returned}


if __name__ == "__main__":
    serve_worker({"load": load, "next": next_token, "encode": encode}, Cancellation())
