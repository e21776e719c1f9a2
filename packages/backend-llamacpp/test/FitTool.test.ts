import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type AskInput, CPU, DeviceId, Placement, Runtime, Scenario } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { askDemand, parseFit } from "../src/FitTool.ts"
import type { Options } from "../src/Options.ts"
import { rpcDevice } from "../src/Rpc.ts"
import { factsOf, fitLines } from "./FitRows.ts"
import { hostWith, MIB, options } from "./hosts.ts"

const VERSION = "version: 0.7.0 (build 11434, commit sdist)"
const ENDPOINTS = ["127.0.0.1:50052", "127.0.0.1:50053"]
const layered = new Placement({
  strategy: "layer",
  devices: [DeviceId.make(`rpc:${ENDPOINTS[0]}`), DeviceId.make(`rpc:${ENDPOINTS[1]}`)],
  split: [1, 1],
})
const onCpu = new Placement({ strategy: "cpu", devices: [CPU] })
const scenarioOf = Schema.decodeUnknownSync(Scenario)
const CHAT = scenarioOf({ kind: "latency", prompts: "p" })
const row = fitLines.find(({ name }) => name === "llama31-70b-Q4_K_M c=32768 kv=f16 2dev-layer")!

const SERVER = `case "$*" in
  --version) echo "${VERSION}" >&2;;
  *--list-devices) echo "Available devices:"; echo "  RPC0: ${ENDPOINTS[0]} (24105 MiB, 24105 MiB free)"; echo "  RPC1: ${ENDPOINTS[1]} (24105 MiB, 24105 MiB free)";;
esac`
/** Prints what the real tool printed, under a line that its libraries print; writes down its arguments. */
const tool = (answer: string, version = VERSION) => `case "$*" in
  --version) echo "${version}" >&2; exit 0;;
esac
echo "$@" >> "$0.asked"
${answer}`
const REPLAY = `echo "load_backend: loaded RPC backend" >&2\n${row.printed.map((line) => `echo "${line} "`).join("\n")}`

/** A folder with a scripted llama-server and fit tool, and what is asked of them. */
const rig = Effect.fnUntraced(function* (script: string | undefined, change: Partial<AskInput<Options>> = {}) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-fit-" })
  const write = (name: string, text: string) =>
    fs.writeFileString(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  yield* write("llama-server", SERVER)
  if (script !== undefined) yield* write("llama-fit-params", script)
  const binary = join(folder, "llama-server")
  const input: AskInput<Options> = {
    model: yield* factsOf(row.model),
    config: options({ context: row.context, binary, rpc: ENDPOINTS }),
    scenario: CHAT,
    placement: layered,
    host: hostWith(ENDPOINTS.map(rpcDevice)),
    visible: {},
    files: { path: "/models/header only.gguf", headersOnly: true },
    runtime: new Runtime({
      program: "llama-server",
      version: VERSION.replace("version: ", ""),
      origin: "named",
      path: binary,
      libraries: {},
    }),
    ...change,
  }
  const requested = Effect.map(
    Effect.orElseSucceed(fs.readFileString(join(folder, "llama-fit-params.asked")), () => ""),
    (text) => text.split("\n").filter((line) => line !== ""),
  )
  return { input, requested, reported: askDemand(input) }
})

const absence = (reported: Effect.Success<ReturnType<typeof askDemand>>): string =>
  "absent" in reported ? reported.absent : ""

layer(NodeServices.layer)("askDemand", (it) => {
  it.effect("is what the tool says of each device, in place of our formulas", () =>
    Effect.gen(function* () {
      const { reported } = yield* rig(tool(REPLAY))
      const found = yield* reported
      if (!("by" in found)) return assert.fail(JSON.stringify(found))
      assert.strictEqual(found.by, "llama-fit-params 0.7.0 (build 11434, commit sdist)")
      const sums = found.demand.map(({ parts }) =>
        parts
          .filter(({ buffer, name }) => buffer !== undefined && name !== "output")
          .concat(parts.filter(({ name }) => name === "compute reserve"))
          .reduce((sum, { bytes }) => sum + bytes / MIB, 0),
      )
      for (const [index, figures] of row.devices.entries())
        assert.closeTo(sums[index]!, figures[0] + figures[1] + figures[2], 2)
    }),
  )

  it.effect("is asked once for one question, in the words that llama-server is started with", () =>
    Effect.gen(function* () {
      const { requested, input, reported } = yield* rig(tool(REPLAY))
      yield* reported
      yield* askDemand({ ...input, scenario: scenarioOf({ kind: "latency", prompts: "q", requests: 9 }) })
      assert.deepStrictEqual(yield* requested, [
        `-m /models/header only.gguf --rpc ${ENDPOINTS.join(",")} --device RPC0,RPC1 --split-mode layer --tensor-split 1,1 --main-gpu 0 -ngl all -fit off -c 32768 -np 1 -b 2048 -ub 512 -fa auto -ctk f16 -ctv f16 --offline -fitp on -lv 1`,
      ])
      yield* askDemand({ ...input, config: { ...input.config, parallel: 2 } })
      assert.lengthOf(yield* requested, 2)
    }),
  )

  it.effect("says why the server can't be put on devices that it does not find, whatever the tool would say", () =>
    Effect.gen(function* () {
      const gone = rpcDevice("127.0.0.1:50054")
      const away = new Placement({ strategy: "single", devices: [gone.id] })
      const scenarios = [CHAT, scenarioOf({ kind: "batch", prompts: "p", documents: 4, batchSize: 2 })]
      for (const scenario of scenarios) {
        const { requested, reported } = yield* rig(tool(REPLAY), { placement: away, scenario, host: hostWith([gone]) })
        const answer = yield* reported
        assert.match(
          "refused" in answer ? answer.refused : "",
          /finds no device behind 127\.0\.0\.1:50054\. Start one /,
        )
        assert.deepStrictEqual(yield* requested, [])
      }
    }),
  )

  it.effect("is not asked where it is not there, is of another version, or does not know the case", () =>
    Effect.gen(function* () {
      const missing = yield* rig(undefined)
      assert.match(absence(yield* missing.reported), /^llama-fit-params is neither beside \S+ nor on PATH$/)
      const other = yield* rig(tool(REPLAY, "version: 9 (abc)"))
      assert.match(absence(yield* other.reported), /llama-fit-params has version 9 \(abc\), llama-server 0\.7\.0/)
      const mute = yield* rig(tool(REPLAY, "hello"))
      assert.match(absence(yield* mute.reported), /llama-fit-params reports no version$/)
      const embedding = yield* rig(tool(REPLAY), {
        scenario: scenarioOf({ kind: "batch", prompts: "p", documents: 4, batchSize: 2 }),
      })
      assert.strictEqual(absence(yield* embedding.reported), "llama-fit-params does not support embedding")
      const cut = yield* rig(tool(REPLAY), {
        placement: new Placement({ strategy: "row", devices: layered.devices, split: [1, 1] }),
      })
      assert.strictEqual(absence(yield* cut.reported), "llama-fit-params does not support strategy row")
      for (const { requested } of [missing, other, mute, embedding, cut]) assert.deepStrictEqual(yield* requested, [])
    }),
  )

  it.effect("says why there is no answer: the tool failed, or left a device out", () =>
    Effect.gen(function* () {
      const failing = yield* rig(tool('echo "error: invalid argument: --offline" >&2; exit 1'))
      assert.match(absence(yield* failing.reported), /ended with exit code 1: error: invalid argument: --offline$/)
      const half = yield* rig(tool('echo "RPC0 20038 5248 552 "; echo "Host 563 0 288 "'))
      assert.match(absence(yield* half.reported), /llama-fit-params does not report RPC1$/)
    }),
  )

  it.effect("holds on the processor, whose compute llama-server makes smaller than the tool does", () =>
    Effect.gen(function* () {
      // Build 11669, SmolLM2-135M's shape: 104 MiB with the scores of 512 tokens, where llama-server held 16.64.
      const model = yield* factsOf({
        ...row.model,
        layers: 30,
        hiddenSize: 576,
        feedForward: 1536,
        heads: 9,
        kvHeads: 3,
        keyLength: 64,
        vocabulary: 49_152,
      })
      const plain = yield* rig(tool('echo "Host 5000 0 104 "'), { placement: onCpu, model })
      const reported = yield* plain.reported
      if (!("by" in reported)) return assert.fail(JSON.stringify(reported))
      const [{ parts }] = reported.demand as [(typeof reported.demand)[0]]
      const compute = parts.find(({ name }) => name === "compute")!
      assert.isBelow(compute.bytes, 104 * MIB)
      assert.match(compute.formula, /llama-fit-params says 104 MiB, by our rule [\d.]+ MiB$/)
      assert.isUndefined(parts.find(({ name }) => name === "compute reserve"))
    }),
  )
})

layer(NodeServices.layer)("parseFit", (it) => {
  it("finds the figures among what else is printed", () => {
    assert.deepStrictEqual(parseFit("load_backend: 1 2 3\nCUDA0 20038 5248 552 \n\nHost 563 0 288\n"), [
      { device: "CUDA0", model: 20_038, context: 5248, compute: 552 },
      { device: "Host", model: 563, context: 0, compute: 288 },
    ])
  })
})
