import { shortCommand } from "@rigbook/core/engine"
import { cacheFolder } from "@rigbook/core/engine"
import { Effect, FileSystem, Schema } from "effect"
import { dirname, join } from "node:path"
import type { SyntheticSafetensors } from "../../../core/src/model/SyntheticModel.ts"
import { outlineFiles } from "../../../core/src/models/synthetic/SafetensorsFolder.ts"
import { tokenizer } from "../../../core/src/models/synthetic/Tokenizer.ts"
import { aiPerf } from "./peers/AiPerf.ts"
import { guideLlm } from "./peers/GuideLlm.ts"
import { inferencePerf } from "./peers/InferencePerf.ts"
import type { Peer, PeerWork } from "./peers/Peer.ts"
import { vllmBench } from "./peers/VllmBench.ts"

const PEERS: ReadonlyArray<Peer> = [guideLlm, aiPerf, inferencePerf, vllmBench]

/** A peer as it is installed here. */
export interface InstalledPeer extends Peer {
  /** Where its program is, beside the Python that runs it. */
  readonly program: string
}

/** Those that are installed: on the PATH, and vLLM as `rigbook setup` installs it. */
export const installedPeers = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const runtimes = join(cacheFolder(), "runtimes")
  const ours = (yield* Effect.orElseSucceed(fs.readDirectory(runtimes), () => []))
    .filter((name) => name.startsWith("vllm-"))
    .map((name) => join(runtimes, name, "bin"))
  const folders = [...(process.env["PATH"] ?? "").split(":"), ...ours]
  const installed = Effect.fnUntraced(function* (peer: Peer) {
    for (const program of folders.map((folder) => join(folder, peer.command)))
      if (yield* fs.exists(program)) return [{ ...peer, program: yield* fs.realPath(program) }]
    return []
  })
  const found: ReadonlyArray<ReadonlyArray<InstalledPeer>> = yield* Effect.forEach(PEERS, installed)
  return found.flat()
})

/** Files of a tokenizer for those that count tokens again by themselves. */
const TOKENIZER: SyntheticSafetensors = {
  format: "safetensors",
  architecture: "llama",
  layers: 1,
  hiddenSize: 64,
  feedForward: 64,
  heads: 1,
  vocabulary: 4096,
  contextLength: 4096,
  quantization: "F32",
}

const Cost = Schema.fromJsonString(Schema.Struct({ cpuS: Schema.Finite, peakBytes: Schema.Finite }))

/** Runs the words after it, and says what that took, all processes together; the peak is that of the largest one. */
const MEASURE = `
import json, resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpuS": used.ru_utime + used.ru_stime, "peakBytes": used.ru_maxrss * 1024}))
sys.exit(ended.returncode)
`

/** Runs a peer to its end: what it says, and what it took. */
export const runPeer = Effect.fnUntraced(function* (peer: InstalledPeer, work: PeerWork) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.forEach(
    Object.entries({ ...outlineFiles(TOKENIZER), "tokenizer.json": tokenizer(TOKENIZER) }),
    ([name, content]) => fs.writeFileString(join(work.folder, name), JSON.stringify(content)),
  )
  const python = join(dirname(peer.program), "python")
  const words = ["-c", MEASURE, peer.program, ...peer.words(work)]
  const { stdout } = yield* shortCommand(python, words, { timeoutMs: 300_000 })
  const cost = yield* Schema.decodeUnknownEffect(Cost)(stdout.trim().split("\n").at(-1)!)
  return { reported: yield* peer.reported(work), ...cost }
})
