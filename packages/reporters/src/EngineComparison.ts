import type { RunRecord } from "@rigbook/core"
import { byModel } from "@rigbook/registry"
import { inTime } from "./order.ts"

/** Runs of one model with the same requests on one host, by different engines or with weights of different files. */
export type EngineGroup = readonly [RunRecord, ...ReadonlyArray<RunRecord>]

/** One model side by side. A group needs two engines, two versions of one, or two files. */
export const engineComparison = (records: ReadonlyArray<RunRecord>): ReadonlyArray<EngineGroup> =>
  byModel(inTime(records))
    .flatMap((ofModel) => [...Map.groupBy(ofModel, sameButEngine).values()])
    .flatMap(([first, ...rest]) =>
      first !== undefined && rest.some((record) => engineOf(record) !== engineOf(first)) ? [[first, ...rest]] : [],
    )

const sameButEngine = ({ cell: { host, prompts, scenario } }: RunRecord): string =>
  JSON.stringify([scenario, prompts.sha256, host.fingerprint])

const engineOf = ({ cell: { backend, model, runtime } }: RunRecord): string =>
  JSON.stringify([backend, runtime.program, runtime.version, model.sha256])
