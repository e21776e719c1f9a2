import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Environment } from "@rigbook/core"
import { CPU, Host } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem, Schema } from "effect"
import os from "node:os"
import { put } from "../../../records/test/fakes/workspace.ts"
import { captureEnvironment } from "../../src/host/CaptureEnvironment.ts"
import { captureHost } from "../../src/host/CaptureHost.ts"

// Real files and processes: as long as a busy machine may take.
layer(NodeServices.layer, { excludeTestServices: true })("what is captured", (it) => {
  it.effect("of the host is this machine, the same every time", () =>
    Effect.gen(function* () {
      const host = yield* captureHost
      assert.strictEqual(host.memoryBytes, os.totalmem())
      assert.strictEqual(host.cpu.logicalCores, os.availableParallelism())
      assert.strictEqual(host.devices[0].id, CPU)
      const { freeBytes = 0 } = host.devices[0]
      assert.isTrue(freeBytes > 0 && freeBytes <= host.memoryBytes)
      assert.isTrue(host.devices.slice(1).every(({ kind }) => kind === "gpu"))
      assert.match(host.fingerprint, /^[0-9a-f]{12}$/)
      assert.strictEqual((yield* captureHost).fingerprint, host.fingerprint)
      assert.deepStrictEqual(yield* Schema.decodeEffect(Host)(yield* Schema.encodeEffect(Host)(host)), host)
    }),
  )

  it.effect("of the environment says what state the machine and the workspace are in", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const environment = yield* captureEnvironment(folder)
      assert.deepStrictEqual(environment.git, { absent: "the workspace is no git checkout with a commit" })
      assert.strictEqual(environment.node, process.versions.node)
      assert.match(environment.rigbook, /^\d+\.\d+\.\d+/)
      assert.isTrue(environment.freeMemoryBytes > 0 && environment.freeMemoryBytes <= os.totalmem())
      if ("value" in environment.busy) assert.isTrue(environment.busy.value >= 0 && environment.busy.value <= 1)
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(Environment)(environment), environment)
    }),
  )

  it.effect("of a git checkout is its commit, and whether files were changed since", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
      const git = (...args: ReadonlyArray<string>) => shortCommand("git", ["-C", folder, ...who, ...args])
      yield* git("init", "-q")
      assert.property((yield* captureEnvironment(folder)).git, "absent")
      yield* git("commit", "-q", "--allow-empty", "-m", "first")
      const { stdout: commit } = yield* git("rev-parse", "HEAD")
      assert.deepStrictEqual((yield* captureEnvironment(folder)).git, { commit, dirty: false })
      yield* fs.makeDirectory(`${folder}/benchmarks/results/raw/a`, { recursive: true })
      yield* put(`${folder}/benchmarks/results/raw/a/record.json`, "{}")
      assert.deepStrictEqual((yield* captureEnvironment(folder)).git, { commit, dirty: false }, "its own results")
      yield* put(`${folder}/new.txt`, "new")
      assert.deepStrictEqual((yield* captureEnvironment(folder)).git, { commit, dirty: true })
    }),
  )
})
