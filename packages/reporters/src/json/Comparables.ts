import type { Comparable } from "@rigbook/registry"
import type { RegistryDocument } from "./RegistryDocument.ts"

/** The runs of a registry's JSON as records that can be compared. */
export const comparables = ({ entries }: RegistryDocument): ReadonlyArray<Comparable> =>
  entries.flatMap(({ id: config, records }) =>
    records.map(
      ({
        backend,
        host,
        placement,
        promptsSha256,
        record,
        reference,
        scenario,
        startedAt,
        task,
        truncation,
        values,
        verdict,
      }) => ({
        id: record,
        startedAt,
        cell: {
          task,
          backend,
          placement,
          scenario,
          ...(reference === undefined ? {} : { reference }),
          config: { id: config },
          prompts: { sha256: promptsSha256 },
          host: { fingerprint: host },
        },
        verdict,
        ...(truncation === undefined ? {} : { truncation }),
        values: Object.entries(values).map(([metric, { better, definition, title, unit, ...value }]) => ({
          metric,
          title,
          unit,
          better,
          definition,
          result: "absent" in value ? { absent: value.absent } : { trials: value.trials },
        })),
      }),
    ),
  )
