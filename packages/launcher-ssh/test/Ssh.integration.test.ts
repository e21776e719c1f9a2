import { NodeServices } from "@effect/platform-node"
import { afterAll } from "@effect/vitest"
import { openai } from "@rigbook/backend-openai"
import { type Backends, type LaunchUnit, makeUnit } from "@rigbook/core"
import { captureHost, cellsToRun, plan } from "@rigbook/runner"
import { fakeServer, type LauncherSubject, launcherSuite } from "@rigbook/testkit"
import { workspaceAt } from "@rigbook/records"
import { Effect } from "effect"
import { execa } from "execa"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { CLI, sampleModel, temporaryFolder, writeWorkspace } from "../../cli/test/TemporaryWorkspace.ts"
import { ssh } from "../src/index.ts"
import { type Box, startBox } from "./loopback.ts"

let box: Box | undefined
afterAll(() => box?.close())

/** An engine that costs nothing, on a server of this machine, which is the other one's, too. */
const served = (tokenMs: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(
        () =>
          new Promise<ReturnType<typeof fakeServer>>((resolve) => {
            const server = fakeServer({ tokenMs }).listen(0, "127.0.0.1", () => resolve(server))
          }),
      ),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        }),
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  )

const config = (url: string): string => `${sampleModel("smollm2-135m-instruct")}backends:
  openai: { url: "${url}" }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 8 }
protocol: { warmup: 0, trials: 1, stallTimeoutMs: 600000 }
`

const subject = Effect.gen(function* () {
  const made = (box = yield* Effect.promise(startBox))
  process.env["PATH"] = made.path
  const root = temporaryFolder()
  const urls = { short: yield* served(1), long: yield* served(600_000) }
  writeWorkspace(root, {
    "models/configs/short.yaml": config(urls.short),
    "models/configs/long.yaml": config(urls.long),
  })
  const workspace = workspaceAt(root, { rigbook: 1 })
  const backends: Backends<NodeServices.NodeServices> = { ids: ["openai"], get: () => Effect.succeed(openai) }
  const paths = ["short", "long"].map((name) => join(workspace.configs, `${name}.yaml`))
  const cells = cellsToRun((yield* plan(workspace, paths, backends, yield* captureHost)).cells)
  const unit = (id: string, number: number, change: object = {}): LaunchUnit => {
    const { requested, spec } = cells.find((cell) => cell.spec.config.id === id)!
    const order = {
      schema: 1,
      spec: { ...spec, ...change },
      requested,
      identity: "own",
      until: 1,
      fresh: true,
    } as const
    const startedAt = `2026-01-01T00:00:0${number}Z`
    return makeUnit({ startedAt, attempt: 1, rounds: 1, shape: { nodes: 1, gpus: 0, seconds: 60 }, cells: [{ order }] })
  }
  const { prompts } = cells[0]!.spec
  const result: LauncherSubject<NodeServices.NodeServices> = {
    connect: ssh.connect({
      name: "far",
      address: made.address,
      workspace: { root, raw: workspace.raw },
      program: { entry: CLI, plugins: [join(import.meta.dirname, "../../backend-openai")] },
    }),
    workspace,
    short: (number) => unit("short", number),
    long: (number) => unit("long", number),
    failing: unit("short", 9, { prompts: { ...prompts, sha256: "0".repeat(64) } }),
    impossible: { nodes: 1, gpus: 64, seconds: 60 },
    running: Effect.promise(async () => {
      const { stdout } = await execa("pgrep", ["-f", `${made.home}.*bin.js worker`], { reject: false })
      return stdout.split("\n").filter((pid) => pid !== "")
    }),
    secrets: [made.address, made.folder, made.home],
  }
  return result
})

launcherSuite<never, never, NodeServices.NodeServices>("ssh", NodeServices.layer, subject)
