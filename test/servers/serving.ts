import type { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { type AnyBackend, type ModelFiles, type Session, type Task } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { processTree } from "@rigbook/runner"
import type { BackendSubject } from "@rigbook/testkit"
import { Effect, Schema } from "effect"
import { cpuInput } from "../../packages/core/test/engine/cpuInput.ts"

/** A real server, started by its own backend, that is sent what a session has no use for. */
export interface Serving {
  readonly task: Task
  readonly files: ModelFiles
  readonly port: number
  readonly session: Session
}

export const serving = Effect.fnUntraced(function* (
  backend: AnyBackend<NodeServices.NodeServices>,
  task: Task,
  files: ModelFiles,
  options: object,
) {
  const port = yield* freePort
  const config = yield* Schema.decodeUnknownEffect(backend.config)({ ...options, port })
  const session = yield* backend.open({
    config,
    runtime: yield* backend.probe(config),
    files,
    model: yield* backend.inspect(files),
    task,
    ...(yield* cpuInput),
  })
  const started: Serving = { task, files, port, session }
  return started
})

/** What a server answers to a body of JSON. */
export const post = <A>(
  { port }: Serving,
  schema: Schema.Codec<A, unknown>,
  path: string,
  body: object,
): Effect.Effect<A> =>
  Effect.promise(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
    const json = await answer.text()
    assert.isTrue(answer.ok, json)
    return Schema.decodeUnknownSync(Schema.fromJsonString(schema))(json)
  })

/** What the conformance suite attaches to by its address, as if somebody else had started it. */
export const attached = Effect.fnUntraced(function* (
  { files, port, session, task }: Serving,
  body: Readonly<Record<string, Schema.Json>>,
) {
  const all = (signal: NodeJS.Signals) =>
    Effect.sync(() => {
      for (const pid of processTree(session.pids))
        try {
          process.kill(pid, signal)
        } catch {
          // It has been killed, and can't be thawed any more.
        }
    })
  const subject: BackendSubject = {
    options: { url: `http://127.0.0.1:${port}`, body },
    models: { [task]: files },
    faults: {
      missingProgram: { url: `http://127.0.0.1:${yield* freePort}` },
      unsupported: { url: `http://127.0.0.1:${port}`, model: "another" },
      freeze: () => Effect.acquireRelease(all("SIGSTOP"), () => all("SIGCONT")),
      kill: () => all("SIGKILL"),
    },
  }
  return subject
})
