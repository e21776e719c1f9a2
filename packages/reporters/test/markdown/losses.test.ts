import { ModelFacts, type RunRecord } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { assert, describe, it } from "vitest"
import { csv, json, markdown } from "../../src/index.ts"
import { around, languageRun, value } from "../fixtures.ts"

const kld = (median: number) => {
  const made = value("kld_mean", "KL divergence", "nats", [median, median])
  return "summary" in made.result
    ? {
        ...made,
        result: { ...made.result, summary: { ...made.result.summary, low: 0.9 * median, high: 1.1 * median } },
      }
    : made
}

/** The two runs of one file: how fast it is, and what it loses. */
const variant = (quantization: string, bits: number, decode: number, loss: number): ReadonlyArray<RunRecord> => {
  const { model } = languageRun().cell
  const sha256 = quantization.charCodeAt(1).toString(16).padStart(64, "0")
  const name = `Tiny Llama 1B ${quantization}`
  const cell = {
    config: { id: `tiny-${quantization}`, name, path: `models/configs/tiny-${quantization}.yaml` },
    model: new ModelFacts(
      Object.assign({}, model, { quantization, bitsPerWeight: bits, weightBytes: Math.round(bits * 2 ** 27), sha256 }),
    ),
  }
  return [
    languageRun({
      id: `speed-${quantization}`,
      cell,
      values: [
        value("decode_tps_user", "Decode speed", "tokens/s", around(decode), "higher"),
        value("memory_peak", "Peak memory", "B", around(bits * 2 ** 27)),
      ],
    }),
    languageRun({
      id: `loss-${quantization}`,
      cell: {
        ...cell,
        scenario: {
          kind: "quality",
          measure: "kld",
          prompts: "text",
          reference: { path: "/models/f16.gguf" },
          chunks: 8,
          context: 512,
        },
        prompts: { name: "text", sha256: "e".repeat(64), count: 3, license: "MIT" },
        reference: { sha256: "f".repeat(64), quantization: "F16", bitsPerWeight: 16 },
      },
      values: [kld(loss), value("same_top", "Same top token", "%", [97, 97], "higher")],
    }),
  ]
}

const registry = makeRegistry(
  [
    ...variant("Q8_0", 8.5, 50, 0.003),
    ...variant("Q6_K", 6.6, 45, 0.006),
    ...variant("Q5_K_M", 5.7, 44, 0.007), // smaller than Q6_K, and slower
    ...variant("Q4_0", 4.5, 90, 0.2),
    ...variant("Q2_K", 4.6, 60, 0.4), // worse than Q4_0 in everything
  ],
  [],
)

const rows = (text: string) => text.split("\n").filter((line) => line.startsWith("| "))

describe("what a family loses by quantization", () => {
  const page = markdown.registry(registry)

  it("stands beside size, speed and memory, most bits first, with the Pareto front marked", () => {
    const section = page.slice(page.indexOf("### Loss by quantization")).split("\n## ")[0]!
    const [head, , ...lines] = rows(section)
    assert.match(head!, /against F16, text \| bits per weight \| GiB \| decode \(tokens\/s\) \| peak memory \| KL div/)
    assert.deepStrictEqual(
      lines.map((line) => [line.split(" | ")[1], line.endsWith("| **yes** |")]),
      [
        ["Q8_0", true],
        ["Q6_K", true],
        ["Q5_K_M", true],
        ["Q2_K", false],
        ["Q4_0", true],
      ],
    )
    assert.include(lines[4], "| 0.200 (0.180 to 0.220) | 97.0")
  })

  it("is what the comparison of quantizations concludes, and what the categories say", () => {
    assert.match(page, /Conclusion:.* its KL divergence from F16 is 0\.200 \(0\.180 to 0\.220\) nats/)
    assert.notInclude(page, "what it loses in quality is not measured")
  })

  it("is in registry.json by record, and in registry.csv beside the speed", () => {
    const { losses } = JSON.parse(json.registry(registry)) as {
      readonly losses: ReadonlyArray<{ readonly rows: ReadonlyArray<Record<string, unknown>> }>
    }
    assert.deepInclude(losses[0]!.rows.at(-1), { loss: "loss-Q4_0", speed: "speed-Q4_0", kld: 0.2, pareto: true })
    const lines = csv.registry(registry).split("\n")
    assert.isNotEmpty(lines.filter((line) => line.includes("kld_mean") && line.includes("speed-Q4_0")))
    assert.lengthOf(
      lines.filter((line) => line.includes("pareto_front,,1")),
      4,
    )
    assert.lengthOf(
      lines.filter((line) => line.includes("pareto_front,,0")),
      1,
    )
  })

  it("is left out where no loss was measured", () => {
    const speeds = makeRegistry(
      registry.entries.flatMap(({ records }) => records).filter(({ id }) => id.startsWith("speed")),
      [],
    )
    assert.notInclude(markdown.registry(speeds), "Loss by quantization")
    assert.notProperty(JSON.parse(json.registry(speeds)), "losses")
  })
})
