import { BackendError, BadModel } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import type { Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { dirname, join } from "node:path"
import type { Cell } from "../plan/Cell.ts"

/** The model's files with their weights, as the engine reads them. If they are unavailable, the cell fails. */
export const weightsOf = <R>({ backend, files, spec }: Cell<R>, { root }: Workspace) =>
  files.headersOnly === true
    ? fetchModel(spec.config.name, spec.source, join(root, dirname(spec.config.path))).pipe(
        Effect.mapError((error) => {
          const { detail, fix, logTail } =
            error._tag === "SetupError"
              ? error
              : {
                  detail: `${error.message}.`,
                  fix: "Check the disk and the permissions of the cache folder.",
                  logTail: [],
                }
          return new BackendError({ backend: backend.id, reason: new BadModel({ detail, fix }), logTail })
        }),
        Effect.flatMap((fetched) => backend.files?.prepare(fetched, spec.runtime) ?? Effect.succeed(fetched)),
      )
    : Effect.succeed(files)
