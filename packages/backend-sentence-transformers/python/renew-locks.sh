#!/bin/sh
# Writes the three locks anew. Needs uv 0.13 or later on PATH; the +cpu build is found by --torch-backend cpu.
# Where PyTorch's own index can't be reached, name a folder that holds the +cpu wheel in UV_FIND_LINKS.
set -eu
cd "$(dirname "$0")"
SENTENCE_TRANSFORMERS=6.2.0
TORCH=2.13.0

lock() { # NAME TORCH_VERSION [OPTION...]
  name=$1 torch=$2
  shift 2
  printf 'sentence-transformers==%s\ntorch==%s\n' "$SENTENCE_TRANSFORMERS" "$torch" |
    uv pip compile - --quiet --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate \
      --no-emit-index-url --no-emit-find-links --output-file "requirements-$name.txt" "$@" >/dev/null
}

if [ -n "${UV_FIND_LINKS:-}" ]; then set -- ; else set -- --torch-backend cpu; fi
lock cpu-linux "$TORCH+cpu" --python-platform x86_64-unknown-linux-gnu "$@"
unset UV_FIND_LINKS # a +cpu wheel would do for the others, too
lock cuda-linux "$TORCH" --python-platform x86_64-unknown-linux-gnu
MACOSX_DEPLOYMENT_TARGET=14.0 lock macos "$TORCH" --python-platform aarch64-apple-darwin
