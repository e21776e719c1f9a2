import { NodeServices } from "@effect/platform-node"
import type { RunRecord } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { Effect } from "effect"
import { runOneCell } from "./run-one-cell.ts"

/** For programs that don't use Effect: a promise of the record. `signal` interrupts the run, and nothing is left running. */
export const measure = (root: string, config: string, signal?: AbortSignal): Promise<RunRecord | undefined> =>
  Effect.runPromise(
    runOneCell(workspaceAt(root, { rigbook: 1 }), config).pipe(Effect.provide(NodeServices.layer)),
    signal === undefined ? {} : { signal },
  )

if (import.meta.main) {
  const record = await measure(process.cwd(), process.argv[2] ?? "tiny")
  console.log(record?.id, record?.verdict.status)
}
