import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, vi } from "vitest"
import type { HubSource } from "../../../src/model/ModelSource.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { readSafetensors } from "../../../src/models/formats/Safetensors.ts"
import { outlineHub } from "../../../src/models/hub/HubOutline.ts"
import { fetchModel } from "../../../src/models/store/ModelStore.ts"
import { makeSynthetic } from "../../../src/models/synthetic/SyntheticStore.ts"
import { ggufBytes } from "../formats/ggufBytes.ts"
import { miniLm, tiny } from "../synthetic/shapes.ts"
import { hubServer } from "./hubServer.ts"

const TOKEN = "hf_secret"
/** Where the hub's own models are made, once for all tests. */
const MADE = mkdtempSync(join(tmpdir(), "rigbook-hub-"))
afterAll(() => rmSync(MADE, { recursive: true }))

const small = { ...miniLm, layers: 1, hiddenSize: 64, feedForward: 128, heads: 4, vocabulary: 8000 } as const
const wide = { ...tiny, vocabulary: 60_000 } as const

/** A part of a model of two layers, one in each. */
const part = (index: number): Buffer =>
  ggufBytes(
    {
      "split.no": { u32: index },
      "split.count": { u32: 2 },
      "general.architecture": { string: "llama" },
      "llama.block_count": { u32: 2 },
    },
    [{ name: `blk.${index}.ffn_up.weight`, shape: [64, 4], type: 0, bytes: 1024 }],
  )

/** A hub with a repository of safetensors and one of GGUF files, and models that a token opens. */
const withHub = Effect.fnUntraced(function* (token?: string) {
  const fs = yield* FileSystem.FileSystem
  vi.stubEnv("RIGBOOK_CACHE", MADE)
  const gguf = yield* makeSynthetic("Wide", wide)
  const folder = yield* makeSynthetic("Small", small)
  vi.stubEnv("RIGBOOK_CACHE", yield* fs.makeTempDirectoryScoped({ directory: tmpdir() }))
  const names = (yield* fs.readDirectory(folder.path)).filter((name) => name.includes("."))
  const files = Object.fromEntries(
    yield* Effect.forEach(names, (name) =>
      Effect.map(fs.readFile(join(folder.path, name)), (bytes) => [name, bytes] as const),
    ),
  )
  const hub = yield* hubServer(
    {
      "me/small": { ...files, "README.md": Buffer.from("# Small") },
      "me/wide": { "q4/wide.gguf": yield* fs.readFile(gguf.path), "README.md": Buffer.from("# Wide") },
      "me/parts": { "q4/m-00001-of-00002.gguf": part(0), "q4/m-00002-of-00002.gguf": part(1) },
      "me/pickled": { "pytorch_model.bin": Buffer.from("x"), "config.json": Buffer.from("{}") },
      "me/empty": { "README.md": Buffer.from("# Empty") },
      "gated/small": files,
    },
    TOKEN,
  )
  vi.stubEnv("HF_ENDPOINT", hub.url)
  vi.stubEnv("HF_TOKEN", token ?? "")
  return { ...hub, gguf, folder }
})

layer(NodeServices.layer)("outlineHub", (it) => {
  afterEach(() => vi.unstubAllEnvs())

  it.effect("reads all parts of a model by the first", () =>
    Effect.gen(function* () {
      yield* withHub()
      const { path } = yield* outlineHub("Parts", { hub: "me/parts", file: "q4/m-00001-of-00002.gguf" })
      const { tensorBytes } = yield* readGguf(path, { headersOnly: true })
      assert.deepStrictEqual(tensorBytes?.layers, [1024, 1024])
    }),
  )

  it.effect("reads what a GGUF file is from its header alone", () =>
    Effect.gen(function* () {
      const hub = yield* withHub()
      const before = hub.sentBytes()
      const { headersOnly, path } = yield* outlineHub("Wide", { hub: "me/wide", file: "q4/wide.gguf" })
      assert.isTrue(headersOnly)
      const { sha256: _, ...facts } = yield* readGguf(path)
      const { sha256: __, ...whole } = yield* readGguf(hub.gguf.path)
      assert.deepStrictEqual(facts, whole)
      // Ranges of two megabytes, and half a megabyte more than the header.
      assert.isBelow(hub.sentBytes() - before, 5e6)
      assert.isAbove(whole.fileBytes, 15e6)
    }),
  )

  it.effect("reads what a folder of safetensors is, without its weights", () =>
    Effect.gen(function* () {
      const hub = yield* withHub()
      const before = hub.sentBytes()
      const { path } = yield* outlineHub("Small", { hub: "me/small", revision: "main" })
      const { sha256: _, ...facts } = yield* readSafetensors(path)
      const { sha256: __, ...whole } = yield* readSafetensors(hub.folder.path)
      assert.deepStrictEqual(facts, whole)
      assert.isBelow(hub.sentBytes() - before, 100_000)
      assert.isAbove(whole.fileBytes, 2e6)
    }),
  )

  it.effect("takes no hub's address with a secret in it, and repeats none", () =>
    Effect.gen(function* () {
      yield* withHub()
      for (const address of [
        "http://me:made-up@127.0.0.1:9",
        "http://:made-up@127.0.0.1:9",
        "http://127.0.0.1:9?token=made-up",
        "made-up",
      ]) {
        vi.stubEnv("HF_ENDPOINT", address)
        const error = yield* Effect.flip(outlineHub("Small", { hub: "me/small" }))
        assert.include(error.message, "HF_ENDPOINT is not the address of a hub")
        assert.notInclude(error.message, "made-up")
      }
    }),
  )

  it.effect("asks once for what it has already", () =>
    Effect.gen(function* () {
      const hub = yield* withHub()
      yield* outlineHub("Small", { hub: "me/small" })
      const { length } = hub.requests
      yield* outlineHub("Small", { hub: "me/small" })
      assert.lengthOf(hub.requests, length + 1)
    }),
  )

  it.effect("sends the token of HF_TOKEN, and opens what is gated with it", () =>
    Effect.gen(function* () {
      yield* withHub(TOKEN)
      const { path } = yield* outlineHub("Small", { hub: "gated/small" })
      assert.strictEqual((yield* readSafetensors(path)).architecture, "bert")
    }),
  )

  const refused: ReadonlyArray<readonly [string, HubSource, string | undefined, RegExp]> = [
    [
      "a gated model without a token",
      { hub: "gated/small" },
      undefined,
      /gated\/small is gated at .*HTTP 401.*set HF_TOKEN/,
    ],
    [
      "a gated model and a token that may not",
      { hub: "gated/small" },
      "hf_other",
      /HTTP 403.*the token in HF_TOKEN has read access/,
    ],
    [
      "a repository that is not there",
      { hub: "me/nothing" },
      undefined,
      /has no me\/nothing at revision main.*Check the name/,
    ],
    [
      "a file that is not there",
      { hub: "me/wide", file: "wide.gguf" },
      undefined,
      /No file wide\.gguf in me\/wide.*It has q4\/wide\.gguf/,
    ],
    ["GGUF files of which none is named", { hub: "me/wide" }, undefined, /holds GGUF files.*name: q4\/wide\.gguf/],
    [
      "weights in another format",
      { hub: "me/pickled" },
      undefined,
      /me\/pickled holds its weights in PyTorch's own format only \(pytorch_model\.bin\)/,
    ],
    ["a repository without weights", { hub: "me/empty" }, undefined, /neither safetensors nor GGUF/],
  ]
  for (const [what, source, token, says] of refused)
    it.effect(`reports ${what}, and never the token`, () =>
      Effect.gen(function* () {
        yield* withHub(token)
        const { message } = yield* Effect.flip(outlineHub("Model", source))
        assert.match(message, says)
        assert.notInclude(message, "hf_other")
      }),
    )

  it.effect("reports a hub that does not answer", () =>
    Effect.gen(function* () {
      yield* withHub()
      vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9")
      const { message } = yield* Effect.flip(outlineHub("Model", { hub: "me/small" }))
      assert.match(message, /can't be read from 127\.0\.0\.1:9.*Check the network/)
    }),
  )

  it.effect("does not download weights: it says how to", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(fetchModel("Wide", { hub: "me/wide", file: "q4/wide.gguf" }, "/"))
      assert.include(message, "hf download me/wide q4/wide.gguf")
    }),
  )
})
