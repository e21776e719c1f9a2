import { assert, describe, it } from "@effect/vitest"
import { parseConfigFile } from "../../src/workspace/ConfigFile.ts"
import { formatIssue } from "../../src/workspace/ConfigIssue.ts"
import { CONFIG } from "./issuesOf.ts"

const said = (text: string): string => parseConfigFile(text, "a.yaml").syntax.map(formatIssue).join("\n")

describe("a config with a secret", () => {
  it.each([
    ["backends: { openai: { url: 'http://:made-up-word@host' } }", "backends.openai.url"],
    ["backends: { openai: { url: 'http://host/?api_key=made-up-word' } }", "backends.openai.url"],
    ["backends: { openai: { tokenEnv: sk-made-up-word-1 } }", "backends.openai.tokenEnv"],
    ["backends: { openai: { body: { api_key: made-up-word } } }", "backends.openai.body.api_key"],
    ["backends: { openai: { body: { a: [{ 'X-Api-Key': made-up-word }] } } }", "backends.openai.body.a[0].X-Api-Key"],
    [
      "backends: { openai: { headers: { Authorization: 'Bearer made-up-word' } } }",
      "backends.openai.headers.Authorization",
    ],
    ["backends: { openai: { body: { user: 'Bearer made-up-word' } } }", "backends.openai.body.user"],
    ["backends: { openai: { body: { hf_madeUpWord123: 1 } } }", "backends.openai.body"],
    ["backends: { openai: { body: { password: 12345 } } }", "backends.openai.body.password"],
    ["name: &a sk-made-up-word-1\nfamily: *a", "name"],
  ])("is refused, and the secret isn't repeated: %s", (yaml, path) => {
    const text = `${CONFIG.replace(/^name:.*\n/m, "").replace(/^backends:.*(\n {2}.*)*\n/m, "")}${yaml}\n`
    assert.isUndefined(parseConfigFile(text, "a.yaml").value)
    assert.include(said(text), `: ${path}: `)
    assert.include(said(text), "use tokenEnv")
    assert.notMatch(said(text), /made-up-word|madeUpWord|12345/)
  })

  it("is not one with the names of variables, or counts of tokens", () =>
    assert.strictEqual(
      said(`${CONFIG}x: { tokenEnv: HF_TOKEN, body: { max_tokens: 5, eos_token: "<s>", api_key: "" } }`),
      "",
    ))
})
