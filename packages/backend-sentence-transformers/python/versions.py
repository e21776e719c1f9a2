"""Prints the versions of what the worker would run on, without importing it: that takes seconds."""

import importlib.metadata
import json
import platform

LIBRARIES = ("sentence-transformers", "torch", "transformers", "tokenizers", "safetensors", "numpy")

if __name__ == "__main__":
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            pass  # left out: whoever reads this knows which one is a must
    print(json.dumps(versions))
