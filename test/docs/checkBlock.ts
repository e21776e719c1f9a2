import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { ModelFile, RatingRules } from "@rigbook/core"
import { decodeAt, parseConfigFile, WorkspaceConfig } from "@rigbook/records"
import { parseNote } from "@rigbook/registry"
import { HostDescription } from "@rigbook/runner"
import { Effect, Result, Schema } from "effect"
import { execa } from "execa"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "../../packages/cli/src/Parse.ts"
import { installedBackends } from "../../packages/cli/src/Plugins.ts"
import { type CodeBlock, nameOf, ROOT } from "./codeBlocks.ts"
import { commandsOf } from "./shellLines.ts"

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly scripts: object }

/** A whole file, or a part of one: each key that is there has to be right. */
const partOf = (fields: Readonly<Record<string, Schema.Constraint>>) =>
  Schema.Struct(Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, Schema.optionalKey(field)])))

const FILES: ReadonlyArray<Schema.Codec<unknown, unknown>> = [
  partOf(ModelFile.fields),
  partOf(WorkspaceConfig.fields),
  partOf(RatingRules.fields),
  partOf(HostDescription.fields),
] as never

/** Backends of nobody here, that pages are about. */
const OTHERS = new Set(["echo", "my-engine", "llama-in-process"])

const checkConfig = async (block: CodeBlock): Promise<void> => {
  const file = parseConfigFile(block.code, nameOf(block))
  assert.deepStrictEqual(file.syntax, [])
  const decoded = FILES.map((schema) => decodeAt(file, [], schema, file.value))
  const right = decoded.find(Result.isSuccess)
  assert.isDefined(
    right,
    JSON.stringify(
      decoded.map((one) => (Result.isFailure(one) ? one.failure : [])),
      null,
      1,
    ),
  )
  const options = (file.value as { readonly backends?: Readonly<Record<string, unknown>> }).backends ?? {}
  for (const [id, given] of Object.entries(options)) {
    // The pages that show how a plugin is written name it.
    if (OTHERS.has(id)) continue
    const backend = await Effect.runPromise(
      Effect.flatMap(installedBackends, (backends) => backends.get(id)).pipe(Effect.provide(NodeServices.layer)),
    )
    assert.isDefined(backend, `${id} is no backend`)
    const read = decodeAt(file, ["backends", id], backend!.config as Schema.Codec<unknown>, given)
    assert.isTrue(Result.isSuccess(read), JSON.stringify(read))
  }
}

/** What `rigbook` makes of words, without carrying it out; and that scripts and programs of the checkout are there. */
const checkCommand = async (words: ReadonlyArray<string>): Promise<void> => {
  const [first, ...rest] = words[0] === "npx" ? words.slice(1).filter((word) => word !== "-y") : words
  if (first === undefined) return
  if (/^pnpm(@\d+)?$/.test(first)) {
    const [verb = "", ...after] = rest
    if (verb === "rigbook") return checkCommand(["rigbook", ...after])
    if (verb === "exec") return
    const script = verb === "run" ? after[0] : verb
    if (!["install", "add", "publish", "dlx"].includes(verb)) assert.property(scripts, script ?? "", words.join(" "))
  } else if (first === "rigbook")
    assert.isNotNumber((await parse(rest)) || undefined, `rigbook ${rest.join(" ")} is refused`)
}

const checkShell = async (code: string): Promise<void> => {
  await execa("bash", ["-n"], { input: code })
  for (const words of commandsOf(code)) await checkCommand(words)
}

/** The commands of a workflow's steps. */
const runsOf = (value: unknown): ReadonlyArray<string> =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === "run" && typeof inner === "string" ? [inner] : runsOf(inner),
      )

const checkWorkflow = async (block: CodeBlock): Promise<void> => {
  const file = parseConfigFile(block.code, nameOf(block))
  assert.deepStrictEqual(file.syntax, [])
  for (const run of runsOf(file.value)) await checkShell(run.replaceAll(/\$\{\{.*?\}\}/g, "X"))
}

/** Markdown that is shown is a note, with a head that can be read. */
const checkNote = ({ code }: CodeBlock): void => {
  const { issues, note } = parseNote("a-model", code)
  assert.deepStrictEqual(issues, [])
  assert.notStrictEqual(note.text, code, "The note has no head.")
}

/** A graph whose arrows lead from and to nodes that it has. */
const checkDiagram = ({ code }: CodeBlock): void => {
  const [head, ...lines] = code.trim().split("\n")
  assert.match(head!, /^graph (?:BT|TB|LR|RL)$/)
  const nodes = lines.flatMap((line) => /^ {2}(\w+)\["[^"]+"\]$/.exec(line)?.[1] ?? [])
  const ends = lines.flatMap((line) => /^ {2}(\w+) --> (\w+)$/.exec(line)?.slice(1) ?? [])
  assert.strictEqual(nodes.length + ends.length / 2, lines.length, "a line is neither a node nor an arrow")
  assert.includeMembers(nodes, ends)
}

const CHECKS: Readonly<Record<string, (block: CodeBlock) => void | Promise<void>>> = {
  // Shown output and drawings are no code.
  "": () => {},
  text: () => {},
  // All at once, below.
  ts: () => {},
  yaml: (block) =>
    /^(?:on|jobs|steps):|^\s*- (?:run|uses):/m.test(block.code) ? checkWorkflow(block) : checkConfig(block),
  sh: ({ code }) => checkShell(code),
  markdown: checkNote,
  mermaid: checkDiagram,
  json: ({ code }) => void JSON.parse(code),
  ndjson: ({ code }) =>
    code
      .trim()
      .split("\n")
      .forEach((line) => void JSON.parse(line)),
  python: async ({ code }) => {
    await execa("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: code })
  },
}

/** Fails where a block is not right, or where nothing checks its language. */
export const checkBlock = async (block: CodeBlock): Promise<void> => {
  const check = CHECKS[block.language]
  assert.isDefined(check, `Nothing checks "${block.language}": use one of ${Object.keys(CHECKS).join(", ")}.`)
  await check!(block)
}
