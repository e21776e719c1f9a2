import { assert, describe, it } from "@effect/vitest"
import { backendError, isFailing, NotInstalled, OutOfMemory, PluginError } from "@rigbook/core"
import { WorkspaceBusy } from "@rigbook/records"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const PACKAGES = join(import.meta.dirname, "../packages")

/** Reasons inside of an error are none that a command ends by. */
const REASONS = "core/src/runtime/BackendError.ts"

const classes = readdirSync(PACKAGES, { recursive: true, encoding: "utf8" })
  .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file))
  .flatMap((file) =>
    readFileSync(join(PACKAGES, file), "utf8")
      .split(/^(?=export class )/m)
      .filter((text) => /^export class \w+ extends Schema\.TaggedError</.test(text))
      .map((text) => ({ file, name: /^export class (\w+)/.exec(text)![1]!, text })),
  )

describe("failures", () => {
  it("say how they end a command, each class of them", () => {
    assert.isAbove(classes.length, 15)
    const silent = classes.filter(
      ({ file, name, text }) =>
        (file !== REASONS || name === "BackendError") && !/^ {2}(get exit\(\): Exit|exit: )/m.test(text),
    )
    assert.deepStrictEqual(
      silent.map(({ file, name }) => `${name} in ${file}`),
      [],
    )
  })

  it("are known by what they say, not by their class", () => {
    const fail = backendError("fake")
    const detail = { detail: "It is not there.", fix: "Install it." }
    for (const [error, exit] of [
      [fail(new NotInstalled(detail)), "usage"],
      [fail(new OutOfMemory(detail)), "failed"],
      [new PluginError({ plugin: "p", ...detail }), "usage"],
      [new WorkspaceBusy({ pid: 1, path: "p" }), "usage"],
      [Object.assign(new Error("another"), { exit: "regression" }), "regression"],
    ] as const) {
      assert.isTrue(isFailing(error))
      assert.strictEqual(isFailing(error) && error.exit, exit)
    }
    assert.isFalse(isFailing(new Error("of a file system")))
    assert.isFalse(isFailing(Object.assign(new Error("a process"), { exit: "SIGTERM" })))
    assert.isFalse(isFailing({ exit: "failed" }))
  })
})
