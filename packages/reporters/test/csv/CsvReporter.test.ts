import { assert, describe, it } from "@effect/vitest"
import { ModelFacts } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { csv } from "../../src/index.ts"
import { batchRun, embeddingRun, failedRun, languageRun, value } from "../fixtures.ts"

const HEADER =
  "model,name,backend,runtime_version,placement,scenario,documents,batch_size,quantization,bits_per_weight,unpacked_from,weights,host,metric,unit,median,low,high,mean,cv,n,absent,verdict,record,status,family,stale,device,estimate,part,found"

const lines = (text: string): ReadonlyArray<string> => text.trimEnd().split("\n")

describe("csv", () => {
  it("has one row for each metric, with exact figures", () => {
    const rows = lines(csv.registry(makeRegistry([languageRun()], [])))
    assert.strictEqual(rows[0], HEADER)
    assert.strictEqual(
      rows[1],
      "tiny-llama,Tiny Llama 1B,llamacpp,b6940,single: GPU-8f2d,latency-short-chat-2x128,,,Q4_K_M,4.8523,,,host-4f1c,ttft,ms,41.237,40.91626777777778,41.55773222222223,41.237,0.006728111897994445,10,,valid,20251002T101500Z-tiny-llama-1a2b,measured,Tiny Llama 1B,,,,,",
    )
    assert.strictEqual(rows.length, 5)
  })

  it("leaves missing figures empty and says why", () => {
    assert.strictEqual(
      lines(csv.report([embeddingRun()])).at(-1),
      "mini-lm,MiniLM L12 v2,sentence-transformers,5.1.1,cpu,batch-legal-es-100x32,100,32,F32,32,,,host-4f1c,memory_peak,B,,,,,,,no readings: /proc is not there,valid,20251003T080000Z-mini-lm-3c4d,measured,,,,,,",
    )
  })

  it("has a row for a run that measured nothing", () => {
    assert.strictEqual(
      lines(csv.report([failedRun()]))[1],
      "tiny-llama,Tiny Llama 1B,llamacpp,b6940,cpu,latency-short-chat-2x128,,,Q4_K_M,4.8523,,,host-4f1c,,,,,,,,,Crashed: llama-server ended with code 1,invalid,20251004T120000Z-tiny-llama-5e6f,measured,,,,,,",
    )
  })

  it("reports random weights", () => {
    const model = new ModelFacts(Object.assign({}, languageRun().cell.model, { layers: 2, synthetic: { layers: 22 } }))
    const [, row] = lines(csv.report([languageRun({ cell: { model } })]))
    assert.include(row, ',"synthetic weights, 2 of 22 layers",host-4f1c,')
  })

  it("is the header alone for an empty registry", () => {
    assert.strictEqual(csv.registry(makeRegistry([], [])), `${HEADER}\n`)
  })

  it.for(['=HYPERLINK("http://x","y")', "@SUM(A1)", "+1", "-cmd|' /C calc'!A0", "\t=1", "\r=1"])(
    "keeps a spreadsheet from running %j",
    (name) => {
      const text = csv.report([
        batchRun(1, 1, 1, { cell: { config: { id: "x", name, path: "models/configs/x.yaml" } } }),
      ])
      const [, cell] = /\nx,"?(.)/.exec(text) ?? []
      assert.strictEqual(cell, "'")
    },
  )

  it("keeps negative numbers numbers", () => {
    const text = csv.report([languageRun({ values: [value("delta", "Delta", "ms", [-1.5, -2.5])] })])
    assert.include(text, ",delta,ms,-2,,,-2,0.3535533905932738,2,,")
  })
})
