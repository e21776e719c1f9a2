import { createHash } from "node:crypto"
import { scenarioName } from "../scenario/Scenario.ts"
import type { CellSpec } from "./RunRecord.ts"

/**
 * The identity of a cell: what its figures depend on. The same config, model file, prompts, runtime version and
 * host give the same identity; the model's name, its path and its license don't matter.
 */
export const identityOf = (cell: Omit<CellSpec, "identity">): string => {
  const { backend, config, host, model, options, placement, prompts, protocol, reference, runtime, scenario, task } =
    cell
  const { libraries, program, version } = runtime
  return sha256(
    canonicalJson({
      config: config.id,
      task,
      backend,
      options,
      placement,
      // A reference is known by its content, like the model: its path changes no figure.
      scenario: reference === undefined ? scenario : { ...scenario, reference: reference.sha256 },
      protocol: { warmup: protocol.warmup, trials: protocol.trials }, // deadlines change no figure
      prompts: prompts.sha256,
      model: model.sha256,
      runtime: { program, version, libraries },
      host: host.fingerprint,
      drivers: host.devices.flatMap(({ driver }) => driver ?? []),
    }),
  )
}

/** A record's id and folder: when it was started, what it is, and the start of its identity. */
export const recordId = ({ backend, config, identity, scenario }: CellSpec, startedAt: string): string =>
  [
    startedAt.replace(/[-:]|\.\d+/g, ""),
    ...[config.id, backend, scenarioName(scenario)].map((part) => part.replace(/[^A-Za-z0-9._-]+/g, "-")),
    identity.slice(0, 8),
  ].join("-")

/** JSON with the keys of every object in order, so that equal values have equal texts. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner) && !isInOrder(Object.keys(inner))
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

const isInOrder = (keys: ReadonlyArray<string>): boolean => keys.every((key, at) => at === 0 || keys[at - 1]! < key)

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
