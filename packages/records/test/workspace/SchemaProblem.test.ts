import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { closestKey, schemaProblems } from "../../src/workspace/SchemaProblem.ts"

const problems = (schema: Schema.Codec<unknown, unknown>, value: unknown) => {
  const decoded = Schema.decodeUnknownResult(schema)(value, { errors: "all", onExcessProperty: "error" })
  return Result.isFailure(decoded) ? schemaProblems(decoded.failure.issue, value) : []
}

describe("schemaProblems", () => {
  it("says nothing of what fits", () => {
    assert.deepStrictEqual(problems(Schema.Struct({ a: Schema.Int }), { a: 1 }), [])
  })

  it("speaks of types as YAML has them", () => {
    const say = (schema: Schema.Codec<unknown, unknown>) => problems(schema, null)[0]!.message
    assert.strictEqual(say(Schema.Boolean), "expected true or false, found nothing")
    assert.strictEqual(say(Schema.Union([Schema.String, Schema.Finite])), "expected a text or a number, found nothing")
    assert.strictEqual(say(Schema.Literal("on")), 'expected "on", found nothing')
    assert.strictEqual(say(Schema.Record(Schema.String, Schema.String)), "expected keys with values, found nothing")
    assert.strictEqual(say(Schema.Struct({ a: Schema.Int })), "expected keys with values (a), found nothing")
  })

  it("takes the branch of a union that comes closest", () => {
    const either = Schema.Union([
      Schema.Struct({ host: Schema.String, port: Schema.Int }),
      Schema.Struct({ socket: Schema.String }),
    ])
    assert.deepStrictEqual(problems(either, { host: "a", port: "b" }), [
      { path: ["port"], message: 'expected a number, found "b"' },
    ])
    assert.deepStrictEqual(problems(either, { socket: 1 }), [{ path: ["socket"], message: "expected a text, found 1" }])
  })

  it("finds all problems, each with its path", () => {
    const schema = Schema.Struct({ list: Schema.Array(Schema.Struct({ a: Schema.Int })) })
    assert.deepStrictEqual(problems(schema, { list: [{ a: 1 }, { a: 1.5 }, { b: 1 }] }), [
      { path: ["list", 1, "a"], message: "expected an integer, found 1.5" },
      { path: ["list", 2, "b"], message: "unknown key; available: a", at: "key" },
      { path: ["list", 2, "a"], message: "is missing" },
    ])
  })
})

describe("closestKey", () => {
  it("finds what was probably meant, and nothing far-fetched", () => {
    const known = ["prompts", "requests", "outputTokens", "a"]
    for (const [key, meant] of [
      ["prompt", "prompts"],
      ["Prompts", "prompts"],
      ["outputtoken", "outputTokens"],
      ["requsets", "requests"],
      ["b", undefined],
      ["documents", undefined],
      ["", undefined],
    ] as const)
      assert.strictEqual(closestKey(key, known), meant, key)
  })

  it.prop("finds every key itself", { known: Schema.NonEmptyArray(Schema.NonEmptyString) }, ({ known }) => {
    for (const key of known) {
      const found = closestKey(key, known)
      assert.isTrue(found === undefined ? key.length < 2 : found.toLowerCase() === key.toLowerCase(), key)
    }
  })
})
