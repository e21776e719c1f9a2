import { assert, it } from "@effect/vitest"
import { makeRegistry } from "@rigbook/registry"
import { pageData, pageSource } from "../src/html/data/pageSource.ts"
import { around, languageRun, value } from "./fixtures.ts"

it("figures of conversations and of speculative decoding are none of quality on the page", () => {
  const values = ["ttft_first_turn", "acceptance_rate", "ndcg_10"].map((id) => value(id, id, "%", around(50)))
  const { metrics } = pageData(pageSource(makeRegistry([languageRun({ values })], []), "models"))
  assert.deepStrictEqual(
    Object.entries(metrics).flatMap(([id, { quality }]) => (quality === true ? [id] : [])),
    ["ndcg_10"],
  )
})
