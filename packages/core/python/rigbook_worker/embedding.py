"""What workers of embedding models share: texts in, vectors out, and the memory of this process."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rigbook_worker import BadRequest, Json, UnusableVectors, field

if TYPE_CHECKING:
    import numpy


def texts_of(request: Json) -> list[str]:
    texts = field(request, "texts", list)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise BadRequest("texts has to be a list of one or more strings")
    return texts


def encoded(vectors: numpy.ndarray, texts: list[str], returned: bool) -> Json:
    """Vectors as a reply shows them. They leave this process only if they are to be `returned`, as base64."""
    raw = vectors.astype("<f4", copy=False)
    if (wrong := fault(raw, texts)) is not None:
        raise UnusableVectors(wrong)
    return {
        **({"vectors": base64.b64encode(raw).decode()} if returned else {}),
        "count": len(raw),
        "dimensions": int(raw.shape[1]),
        "dtype": str(vectors.dtype),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }


def fault(vectors: numpy.ndarray, texts: list[str]) -> str | None:
    """What makes vectors unusable, in the words that core has for those of servers (its Vectors.ts)."""
    # A sum is finite where all are: the rows are checked only where it is not.
    if not math.isfinite(vectors.sum()):
        bad = [at for at, vector in enumerate(vectors) if not all(map(math.isfinite, vector))]
        if bad:
            return f"the vector of text {bad[0] + 1} is not finite"
    filled = vectors.any(axis=1)
    if not filled.all():
        return f"the vector of text {int(filled.argmin()) + 1} is all zeros"
    if len(set(texts)) > 1 and (vectors == vectors[0]).all():
        return f"all {len(vectors)} vectors are one and the same, of texts that differ"
    return None


def process_memory() -> dict[str, int]:
    """Bytes of this process by name: the peak, and on Linux also what it has now."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if sys.platform != "linux":
        return {"rss_peak": peak}
    now = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {"rss_peak": max(peak, now), "rss": now}  # the kernel brings the peak up to date late
