import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement } from "@rigbook/core"
import { Schema } from "effect"
import { Options } from "../src/Options.ts"
import { type EarlyEnd, inferredShortage } from "../src/Shortage.ts"
import { recorded } from "./recorded.ts"
import { smollm2 } from "./smollm2.ts"

const RULE = "its limit of address space (ulimit -v)"
/** The log of a start that went well, as far as to the line with `words`. */
const logUntil = (words: string) => recorded("server-start-lv4.log").split(words)[0]!

const early = (given: Partial<EarlyEnd> = {}): EarlyEnd => ({
  exitCode: 139,
  log: logUntil("KV buffer size"),
  model: smollm2,
  options: Schema.decodeUnknownSync(Options)({ context: 131_072 }),
  task: "generate",
  placement: new Placement({ strategy: "cpu", devices: [CPU] }),
  ceilings: [
    { bytes: 25_000_000_000, rule: "this machine's memory and swap" },
    { bytes: 2_048_000_000, rule: RULE },
  ],
  ...given,
})

describe("inferredShortage", () => {
  it("is reported where a context takes more than the process may have, with both figures", () => {
    const reported = inferredShortage(early())!
    assert.match(reported, /^its context takes (2\.8|2\.9|3\.)\d* GiB \(KV cache \+ compute\)/)
    assert.include(reported, `${RULE} is 1.91 GiB`)
    assert.isDefined(inferredShortage(early({ exitCode: 134, log: "" })))
  })

  it("is not where the context has room, or nothing is known of limits", () => {
    assert.isUndefined(inferredShortage(early({ options: Schema.decodeUnknownSync(Options)({ context: 1024 }) })))
    assert.isUndefined(inferredShortage(early({ ceilings: [{ bytes: 25_000_000_000, rule: RULE }] })))
    assert.isUndefined(inferredShortage(early({ ceilings: [] })))
  })

  it("is not where the context was finished, it did not fall, or memory is a device's", () => {
    assert.include(recorded("server-start-lv4.log"), "compute buffer size")
    assert.isUndefined(inferredShortage(early({ log: recorded("server-start-lv4.log") })))
    for (const exitCode of [0, 1, 137, 143]) assert.isUndefined(inferredShortage(early({ exitCode })))
    const gpu = DeviceId.make("GPU-1")
    const placement = new Placement({ strategy: "single", devices: [gpu] })
    assert.isUndefined(inferredShortage(early({ placement })))
  })
})
