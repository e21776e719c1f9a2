import { assert, describe, it } from "@effect/vitest"
import { afterEach, vi } from "vitest"
import { styled, terminalText } from "../src/output/Style.ts"
import { table } from "../src/output/Table.ts"

afterEach(() => void vi.unstubAllEnvs())

describe("terminalText", () => {
  it("lets nothing steer a terminal, and shows no secret", () => {
    const hostile =
      "\u001B[31mred\u001B[0m\u001B]0;title\u0007\u009B2J a\rb \u202Etxt sk-made-up-word-1 http://me:word@host"
    assert.strictEqual(terminalText(hostile), "red a\nb [U+202E]txt sk-*** http://***@host")
  })

  it("keeps our own colours only", () => {
    vi.stubEnv("FORCE_COLOR", "1")
    const shown = terminalText(`${styled("green", "ok \u001B[8mhidden")} \u001B[32mnot ours`)
    assert.strictEqual(shown, "\u001B[32mok hidden\u001B[39m not ours")
    const rows = terminalText(table(["a", "b"], [["\u001B[1m1", styled("red", "2")]])).split("\n")
    assert.deepStrictEqual(rows, ["\u001B[1ma\u001B[22m  \u001B[1mb\u001B[22m", "1  \u001B[31m2\u001B[39m"])
  })

  it("leaves JSON what it is", () =>
    assert.deepStrictEqual(JSON.parse(terminalText(JSON.stringify({ a: "\u001B[1m\u0085", b: [1, "x"] }, null, 2))), {
      a: "\u001B[1m[U+0085]",
      b: [1, "x"],
    }))
})
