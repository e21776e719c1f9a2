#!/bin/sh
# Writes the two locks anew. Needs uv 0.13 or later on PATH. Only what the worker imports stays: ONNX Runtime's tools want
# protobuf and flatbuffers, tokenizers' downloads the hub's client.
set -eu
cd "$(dirname "$0")"
ONNXRUNTIME=1.31.1
TOKENIZERS=0.23.3

lock() { # NAME REQUIREMENT [OPTION...]
  name=$1 requirement=$2
  shift 2
  leave="anyio certifi click colorama coloredlogs filelock flatbuffers fsspec h11 hf-xet httpcore2 httpx2 httpx2-jsfetch
    huggingface-hub humanfriendly idna mpmath packaging protobuf pyyaml sympy tqdm truststore typing-extensions"
  printf '%s==%s\ntokenizers==%s\n' "$requirement" "$ONNXRUNTIME" "$TOKENIZERS" |
    uv pip compile - --quiet --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate \
      --no-emit-index-url --no-emit-find-links $(printf -- '--no-emit-package %s ' $leave) \
      --output-file "requirements-$name.txt" "$@" >/dev/null
}

lock cpu onnxruntime
lock cuda-linux "onnxruntime-gpu[cuda,cudnn]" --python-platform x86_64-unknown-linux-gnu
