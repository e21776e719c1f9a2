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

  it.effect("of its GPUs are those that the user has not hidden, in the user's order", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const bin = yield* fs.makeTempDirectoryScoped()
      const row = (index: number) => `echo "${index}, GPU-${index}0000000, Card ${index}, 24564, 24000, 550.1"`
      yield* fs.writeFileString(`${bin}/nvidia-smi`, `#!/bin/sh\n${row(0)}\n${row(1)}\n`, { mode: 0o755 })
      const { CUDA_VISIBLE_DEVICES: before, PATH } = process.env
      const restore = Effect.sync(() => {
        process.env["PATH"] = PATH
        if (before === undefined) delete process.env["CUDA_VISIBLE_DEVICES"]
        else process.env["CUDA_VISIBLE_DEVICES"] = before
      })
      const captured = Effect.fnUntraced(function* (mask: string | undefined) {
        process.env["PATH"] = `${bin}:${PATH}`
        if (mask === undefined) delete process.env["CUDA_VISIBLE_DEVICES"]
        else process.env["CUDA_VISIBLE_DEVICES"] = mask
        const { devices, fingerprint } = yield* captureHost
        return { names: devices.slice(1).map(({ name }) => name), fingerprint }
      })
      yield* Effect.gen(function* () {
        const whole = yield* captured(undefined)
        assert.deepStrictEqual(whole.names, ["Card 0", "Card 1"])
        assert.deepStrictEqual((yield* captured("1,0")).names, ["Card 1", "Card 0"])
        // The machine is the same, whatever is hidden of it.
        assert.deepStrictEqual(yield* captured("1"), { ...whole, names: ["Card 1"] })
        assert.deepStrictEqual((yield* captured("")).names, [])
      }).pipe(Effect.ensuring(restore))
    }),
  )

  it.effect("of the environment says what state the machine and the workspace are in", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const environment = yield* captureEnvironment(folder)
      assert.deepStrictEqual(environment.git, { absent: "the workspace is not a git checkout with a commit" })
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
