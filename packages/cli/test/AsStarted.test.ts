import { assert, describe, it } from "vitest"
import { commandNames } from "../../../tools/reference/CommandLinePage.ts"
import { asStarted, COMMANDS } from "../src/output/AsStarted.ts"
import { commandText } from "../src/output/CommandText.ts"

const byNpx = (text: string): string => asStarted(text, { rigbook: "npx rigbook", install: "npm install" })
const byPnpm = (text: string): string => asStarted(text, { rigbook: "pnpm exec rigbook", install: "pnpm add" })

describe("commands in a text", () => {
  it("are those that the user can paste", () => {
    assert.strictEqual(
      byNpx("Next: cd rig && rigbook setup && rigbook run"),
      "Next: cd rig && npx rigbook setup && npx rigbook run",
    )
    assert.strictEqual(
      byPnpm("Run `RIGBOOK_LLAMACPP=source rigbook setup llamacpp` to compile one."),
      "Run `RIGBOOK_LLAMACPP=source pnpm exec rigbook setup llamacpp` to compile one.",
    )
    assert.strictEqual(
      byPnpm("Install one, such as: npm install @rigbook/backend-openai"),
      "Install one, such as: pnpm add @rigbook/backend-openai",
    )
  })

  it("are rewritten once", () => {
    for (const rewritten of [byNpx, byPnpm]) {
      const once = rewritten("Create one with: rigbook init")
      assert.notStrictEqual(once, "Create one with: rigbook init")
      assert.strictEqual(rewritten(once), once)
      // A narrow page has broken its lines already.
      const broken = once.replace(" rigbook", "\n  rigbook")
      assert.strictEqual(rewritten(broken), broken)
    }
  })

  it.each([
    "a package.json without a rigbook manifest",
    "node_modules/.bin/rigbook run",
    "@me/rigbook run",
    "wrote rigbook.yaml",
    "rigbook: 1",
    "rigbook running",
    "rigbook plugin-words",
  ])("are no other words: %s", (text) => {
    assert.strictEqual(byNpx(text), text)
  })

  it("are all that there are", async () => {
    const names = await commandNames()
    assert.sameMembers([...COMMANDS], [...new Set(names.map((name) => name.split(" ")[0]!))])
  })
})

describe("a command", () => {
  it("has the words in quotes that a shell would split", () => {
    assert.strictEqual(commandText("rigbook", "run", "models/a_b-1.5.gguf"), "rigbook run models/a_b-1.5.gguf")
    assert.strictEqual(commandText("rigbook", "add", "my model.gguf"), "rigbook add 'my model.gguf'")
    assert.strictEqual(commandText("cd", "it's"), `cd 'it'\\''s'`)
    assert.strictEqual(
      commandText("rigbook", "add", "http://localhost:1234/v1?a=b&c"),
      "rigbook add 'http://localhost:1234/v1?a=b&c'",
    )
  })
})
