import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What can be seen without a container tool; `pnpm container` builds the image and runs the main job in it. */
const ROOT = join(import.meta.dirname, "..")
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")
const recipe = read("Containerfile")

describe("the Containerfile", () => {
  it("builds on the major version of Node that everything is tested with", () => {
    const tested = /^nodeVersion: (\d+)\./m.exec(read("pnpm-workspace.yaml"))?.[1]
    assert.isDefined(tested)
    assert.strictEqual(/^ARG BASE=\S+\/node:(\d+)-/m.exec(recipe)?.[1], tested)
  })

  it("does not run as root, and keeps what a run writes in volumes", () => {
    const last = recipe.slice(recipe.lastIndexOf("\nFROM "))
    assert.match(last, /^USER (?!root|0\b)\w+$/m)
    assert.match(last, /^WORKDIR \/workspace$/m)
    assert.match(last, /^VOLUME \["\/workspace", "\/cache"\]$/m)
    assert.include(last, "RIGBOOK_CACHE=/cache")
  })

  it("copies no build output and no installed packages of the host", () => {
    assert.includeMembers(read(".dockerignore").split("\n"), [".git", "**/node_modules", "**/dist"])
  })
})
