import { Effect, type Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A socket's path has at most 103 characters on macOS, 107 on Linux; vLLM adds a UUID. */
const LONGEST = 103 - 1 - 36

/**
 * A folder for the sockets by which vLLM's processes talk to each other, removed with the scope: vLLM leaves them behind, as
 * does whoever has to kill it. `undefined` where it can't be made, or is no place for sockets: vLLM then uses the system's.
 */
export const socketFolder: Effect.Effect<string | undefined, never, Scope.Scope> = Effect.acquireRelease(
  Effect.try(() => mkdtempSync(join(tmpdir(), "vllm-"))),
  // What can't be removed is no reason to fail what was measured.
  (folder) => Effect.ignore(Effect.try(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))),
).pipe(
  Effect.orElseSucceed(() => undefined),
  Effect.map((folder) => (folder !== undefined && folder.length <= LONGEST ? folder : undefined)),
)
