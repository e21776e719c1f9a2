import { Effect } from "effect"
import { cleanBackend } from "./CleanBackend.ts"
import type { Backend, Machine, Memory, Placing, Preparing } from "./Backend.ts"
import type { Task } from "./model/Model.ts"
import { Demand } from "./placement/Demand.ts"
import { cpu, single } from "./placement/Placement.ts"
import { backendError, Unsupported } from "./runtime/BackendError.ts"

/** A backend with all defaults filled in: what planning and running read, each member by its own name. */
export interface Complete<Config, R = never>
  extends
    Backend<Config, R>,
    Required<Pick<Memory<Config, R>, "demand" | "demandOf">>,
    Pick<Memory<Config, R>, "withContext" | "cacheBytes">,
    Required<Omit<Placing<Config>, "layout">>,
    Pick<Placing<Config>, "layout">,
    Partial<Pick<Preparing<R>, "prepare" | "prepared">>,
    Required<Pick<Preparing<R>, "quantizes">>,
    Required<Pick<Machine<Config, R>, "check" | "checkModel" | "unusable">>,
    Pick<Machine<Config, R>, "setup" | "builds" | "servers"> {
  readonly askDemand?: Exclude<Memory<Config, R>["ask"], undefined>
}

/** Any backend, completed: see `AnyBackend`. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyBackend.
export type AnyComplete<R = never> = Complete<any, R>

/**
 * Fills in what a backend leaves out: there is nothing to set up or to prepare, `check` finds nothing, `demand` is the
 * weights, all of it on each device, placements are one GPU, else the processor, and nothing but the devices is
 * compared with what is effective. A task that a backend does not declare is refused with `Unsupported`, even if its engine
 * may do it: nobody has tried that. What stays undefined has no default: a tool to ask, a context to change, a rule of
 * layout.
 */
export const complete = <Config, R = never>(backend: Backend<Config, R>): Complete<Config, R> => {
  const { config, description, diverges, files, id, inspect, machine, memory, placement, tasks, tunes } = backend
  const { layout, ...placing } = placement ?? {}
  const { ask, demand = weights, ...needs } = memory ?? {}
  const { open, ...clean } = cleanBackend(backend)
  return {
    config,
    description,
    id,
    inspect,
    ...clean,
    open: (input) => (tasks.includes(input.task) ? open(input) : backendError(id)(undeclared(id, input.task, tasks))),
    tasks,
    ...(diverges === undefined ? {} : { diverges }),
    ...(tunes === undefined ? {} : { tunes }),
    ...(memory === undefined ? {} : { memory }),
    ...(placement === undefined ? {} : { placement }),
    ...(files === undefined ? {} : { files }),
    ...(machine === undefined ? {} : { machine }),
    demand,
    demandOf: ({ config: options, model, placement: { devices }, promptSet, scenario }) => {
      const { parts } = demand(model, options, scenario, promptSet)
      return devices.map((device) => ({ device, parts }))
    },
    ...needs,
    ...(ask === undefined ? {} : { askDemand: ask }),
    strategies: [single, cpu],
    devices: () => [],
    requested: () => ({}),
    ...placing,
    ...(layout === undefined ? {} : { layout }),
    quantizes: false,
    ...files,
    check: () => Effect.succeed([]),
    checkModel: () => [],
    unusable: () => Effect.succeed([]),
    ...machine,
  }
}

const weights: Complete<unknown>["demand"] = ({ weightBytes }) =>
  new Demand({ parts: [{ name: "weights", bytes: weightBytes, basis: "exact", formula: "Σ bytes of all tensors" }] })

const undeclared = (id: string, task: Task, tasks: ReadonlyArray<Task>): Unsupported =>
  new Unsupported({
    detail: `The backend ${id} does not do the task ${task}.`,
    fix: `Request one of its tasks: ${tasks.join(", ")}.`,
  })
