"""Prints the versions of Python and of the packages named as arguments, without importing them: that takes seconds."""

import importlib.metadata
import json
import platform
import sys

if __name__ == "__main__":
    versions = {"python": platform.python_version()}
    for library in sys.argv[1:]:
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            pass  # left out: whoever reads this knows which one is a must
    print(json.dumps(versions))
