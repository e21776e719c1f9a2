import { assert, it } from "@effect/vitest"
import { readPublicNames } from "../tools/reference/PublicNames.ts"

it("the reference reads names by the compiler: fields, shapes, errors, descriptions of schemas", async () => {
  const entries = await readPublicNames("{core,backend-llamacpp}")
  const named = (what: string) => entries.flatMap(({ names }) => names).find((one) => one.name === what)!
  assert.isAbove(entries.flatMap(({ names }) => names).length, 200)
  const pids = named("Session").fields.find((one) => one.name === "pids")
  assert.deepInclude(pids, { type: "readonly number[]", numeric: true, optional: false })
  assert.include(pids?.doc, "Processes")
  assert.deepStrictEqual(named("readGguf").errors, ["BadModel"])
  const context = entries.find((one) => /llamacpp/.test(one.name))
  const options = context?.names.find((one) => one.name === "Options")
  assert.include(options?.fields.find((one) => one.name === "context")?.doc, "Tokens of the longest request")
  assert.deepInclude(
    named("Completion").fields.find((one) => one.name === "vectors.count"),
    { type: "number" },
  )
})
