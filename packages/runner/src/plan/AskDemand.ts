import {
  type AnyComplete,
  type AskInput,
  type DeviceDemand,
  type Placement,
  type Runtime,
  type ToldDemand,
} from "@rigbook/core"
import { Effect } from "effect"

/** By what a demand was estimated: the engine's own tool, or formulas because the tool could not be asked. */
export type DemandSource = { readonly by: string } | { readonly absent: string }

/** What came of placing, and the demand of the placement that was chosen. */
export interface AskedPlacement<A> {
  readonly placed: A
  /** By device; none where there is no placement. */
  readonly demand: ReadonlyArray<DeviceDemand>
  readonly source: DemandSource
}

/** What `placeAsking` places, and by what rules. */
export interface Asking<R, A> {
  readonly backend: Pick<AnyComplete<R>, "id" | "demandOf" | "askDemand">
  readonly input: Omit<AskInput<unknown>, "placement" | "runtime">
  /** The engine that is there, or why its tool can't be asked. */
  readonly runtime: Runtime | { readonly absent: string }
  /** What earlier records teach, put over an estimate. Pure. */
  readonly learn: (demand: ReadonlyArray<DeviceDemand>, placement: Placement) => ReadonlyArray<DeviceDemand>
  /** Places by what each placement needs. Pure. */
  readonly place: (demandOf: (placement: Placement) => ReadonlyArray<DeviceDemand>) => A
  readonly chosen: (placed: A) => Placement | undefined
}

/**
 * Places by formulas, asks the engine's tool about the placement that was chosen, and places again by its answer, until
 * the one that is chosen has been asked about: each placement is, once at most.
 */
export const placeAsking = Effect.fn("AskDemand.placeAsking")(function* <R, A>({
  backend,
  chosen,
  input,
  learn,
  place,
  runtime,
}: Asking<R, A>): Effect.fn.Return<AskedPlacement<A>, never, R> {
  const formula = (placement: Placement) => backend.demandOf({ ...input, placement })
  const told = new Map<string, ToldDemand>()
  const demandOf = (placement: Placement): ReadonlyArray<DeviceDemand> => {
    const answer = told.get(JSON.stringify(placement))
    return learn(answer !== undefined && "by" in answer ? answer.demand : formula(placement), placement)
  }
  const absence = "absent" in runtime ? runtime.absent : `${backend.id} has no such tool`
  for (;;) {
    const placed = place(demandOf)
    const placement = chosen(placed)
    const demand = placement === undefined ? [] : demandOf(placement)
    const answer = placement === undefined ? undefined : told.get(JSON.stringify(placement))
    if (answer !== undefined)
      return { placed, demand, source: "by" in answer ? { by: answer.by } : { absent: answer.absent } }
    if (placement === undefined) return { placed, demand, source: { absent: "no placement is possible" } }
    if (backend.askDemand === undefined || "absent" in runtime) return { placed, demand, source: { absent: absence } }
    told.set(JSON.stringify(placement), yield* backend.askDemand({ ...input, runtime, placement }))
  }
})
