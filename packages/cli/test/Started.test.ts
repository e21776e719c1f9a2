import { assert, describe, it } from "vitest"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"
import { startedAs, STARTED_AS } from "../src/output/Started.ts"

const top = realpathSync(mkdtempSync(join(tmpdir(), "rigbook-started-")))
afterAll(() => rmSync(top, { recursive: true }))

const file = (...path: ReadonlyArray<string>): string => {
  const at = join(top, ...path)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, "")
  return at
}

/** A project that has Rigbook as a dependency: the link that package managers make for its program. */
const project = (name: string, ...files: ReadonlyArray<string>): string => {
  const bin = join(top, name, "node_modules/.bin/rigbook")
  mkdirSync(dirname(bin), { recursive: true })
  symlinkSync(file(name, "node_modules/rigbook/dist/bin.js"), bin)
  for (const each of files) file(name, each)
  return bin
}

const program = project("mine")
const agent = (text: string): { npm_config_user_agent: string; PATH: string } => ({
  npm_config_user_agent: text,
  PATH: `${dirname(program)}:/usr/bin`,
})

describe("how Rigbook was started", () => {
  it.each([
    ["npm/11.4.2 node/v24.21.0 linux x64 workspaces/false", "npx rigbook", "npm install"],
    ["pnpm/12.21.0 npm/? node/v24.21.0 linux x64", "pnpm exec rigbook", "pnpm add"],
    ["yarn/1.22.22 npm/? node/v24.21.0 linux x64", "yarn rigbook", "yarn add"],
    ["bun/1.4.5 npm/? node/v24.21.0 linux x64", "bunx rigbook", "bun add"],
  ])("by %s", (text, rigbook, install) => {
    assert.deepStrictEqual(startedAs({ env: agent(text), program }), { rigbook, install })
  })

  it("by the package manager's own file, if it names itself in no other way", () => {
    const env = { npm_execpath: "/usr/lib/node_modules/npm/bin/npx-cli.js" }
    assert.strictEqual(startedAs({ env, program }).rigbook, "npx rigbook")
    const yarn = { npm_execpath: "/usr/lib/node_modules/yarn/bin/yarn.js" }
    assert.strictEqual(startedAs({ env: yarn, program }).rigbook, "yarn rigbook")
  })

  it("from a folder of packages that was made for this call alone", () => {
    const once = "/home/me/.cache/pnpm/dlx/1a2b/node_modules/rigbook/dist/bin.js"
    assert.strictEqual(startedAs({ env: agent("pnpm/12.21.0"), program: once }).rigbook, "pnpm dlx rigbook")
  })

  it("by its path, in a project of the package manager whose lock file is there", () => {
    const of = (name: string, lock: string) => startedAs({ env: {}, program: project(name, lock) }).rigbook
    assert.strictEqual(of("by-npm", "package-lock.json"), "npx rigbook")
    assert.strictEqual(of("by-pnpm", "pnpm-lock.yaml"), "pnpm exec rigbook")
    assert.strictEqual(of("by-yarn", "yarn.lock"), "yarn rigbook")
    assert.strictEqual(of("by-bun", "bun.lock"), "bunx rigbook")
  })

  it("by its name, where the shell finds it", () => {
    const bin = file("home/bin/rigbook")
    const PATH = `/usr/bin:${dirname(bin)}`
    assert.strictEqual(startedAs({ env: { PATH }, program }).rigbook, "rigbook")
    assert.strictEqual(startedAs({ env: { PATH: "/usr/bin" }, program: bin }).rigbook, "rigbook")
    // A shell may have the project's programs on its own PATH.
    assert.strictEqual(startedAs({ env: { PATH: dirname(program) }, program }).rigbook, "rigbook")
  })

  it("by its name within a script of a package manager, only if that is the Rigbook that runs", () => {
    const other = file("other/bin/rigbook")
    const env = { npm_config_user_agent: "npm/11.4.2", PATH: `${dirname(program)}:${dirname(other)}` }
    assert.strictEqual(startedAs({ env, program }).rigbook, "npx rigbook")
    const link = join(top, "global/bin/rigbook")
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(dirname(program), "../rigbook/dist/bin.js"), link)
    const global = { ...env, PATH: `${dirname(program)}:${dirname(link)}` }
    assert.strictEqual(startedAs({ env: global, program }).rigbook, "rigbook")
  })

  it("by a wrapper that says how it is called", () => {
    const env = { ...agent("npm/11.4.2"), [STARTED_AS]: "pnpm rigbook" }
    assert.strictEqual(startedAs({ env, program: "/checkout/packages/cli/dist/bin.js" }).rigbook, "pnpm rigbook")
  })

  it("by none of these: its file in a checkout", () => {
    const checkout = "/checkout/packages/cli/dist/bin.js"
    assert.strictEqual(startedAs({ env: agent("pnpm/12.21.0"), program: checkout }).rigbook, "rigbook")
  })
})
