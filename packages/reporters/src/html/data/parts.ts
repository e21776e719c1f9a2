import { bounds, isQuality, type RunRecord, visible } from "@rigbook/core"
import { chanceOf } from "@rigbook/records"
import { shortHash } from "../../format.ts"
import { deviceName } from "../../names.ts"
import { prefixesOf } from "../../Prefixes.ts"
import type { PageProof, PageQuality, PageSetup } from "../PageRun.ts"
import { rounded } from "../rounded.ts"

/** What many runs share, each once, and where a run finds its own. */
export interface Parts {
  readonly setups: ReadonlyArray<PageSetup>
  readonly proofs: ReadonlyArray<PageProof>
  readonly of: (record: RunRecord) => { readonly setup: number; readonly proof: number; readonly work: number }
}

/** Setups, proofs and kinds of work of these records. Pure. */
export const partsOf = (records: ReadonlyArray<RunRecord>): Parts => {
  const [setups, proofs, works] = [table(setupOf), table(proofOf), table(workOf)]
  const places = new Map(
    records.map((record) => [
      record.id,
      { setup: setups.place(record), proof: proofs.place(record), work: works.place(record) },
    ]),
  )
  return { setups: setups.items, proofs: proofs.items, of: ({ id }) => places.get(id)! }
}

const table = <A>(make: (record: RunRecord) => A) => {
  const [items, known]: [Array<A>, Map<string, number>] = [[], new Map()]
  return {
    items,
    place: (record: RunRecord): number => {
      const item = make(record)
      const key = JSON.stringify(item)
      const place = known.get(key) ?? items.push(item) - 1
      known.set(key, place)
      return place
    },
  }
}

const workOf = ({ cell: { prompts, reference, scenario, task } }: RunRecord) => [
  task,
  scenario,
  prompts.sha256,
  reference?.sha256,
]

const setupOf = ({ cell, effective, environment, requested }: RunRecord): PageSetup => {
  const { model, prompts, protocol, runtime } = cell
  const [trials, warmup] = [bounds(protocol.trials), bounds(protocol.warmup)]
  const range = ({ max, min }: { readonly min: number; readonly max: number }) =>
    min === max ? String(max) : `${min} to ${max}`
  const libraries = Object.entries(runtime.libraries).map(([name, version]) => `${name} ${version}`)
  return {
    requested: settings(requested.settings),
    ...(effective === undefined ? {} : { effective: settings(effective.settings) }),
    conditions: {
      ...(libraries.length === 0 ? {} : { Libraries: visible(libraries.join(", ")) }),
      "Model file": visible(`SHA-256 ${shortHash(model.sha256)}`),
      Prompts: visible(`${prompts.name}, SHA-256 ${shortHash(prompts.sha256)}, licence ${prompts.license}`),
      Trials: `${range(warmup)} warm-up, ${range(trials)} measured`,
      Rigbook: visible(
        `${environment.rigbook}${"absent" in environment.git ? "" : ` at ${environment.git.commit.slice(0, 8)}${environment.git.dirty ? ", changed" : ""}`}`,
      ),
      System: visible(cell.host.os),
    },
  }
}

const settings = (of: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(of).map(([name, value]) => [
      visible(name),
      visible(typeof value === "string" ? value : JSON.stringify(value)),
    ]),
  )

const proofOf = ({ cell, effective, observed, requested }: RunRecord): PageProof => {
  const names = (devices: ReadonlyArray<string>) =>
    visible(devices.map((id) => deviceName(cell.host, id)).join(" + ") || "nothing named")
  const { evidence = [], missing = [], state = "unverified" } = observed.placement ?? {}
  return {
    requested: names(requested.devices),
    ...(effective?.devices === undefined ? {} : { effective: names(effective.devices) }),
    state,
    evidence: evidence.map(({ agrees, detail, from }) => ({ agrees, text: visible(`${from}: ${detail}`) })),
    missing: missing.map(visible),
  }
}

/** What a run of quality was measured on; `undefined` of another run. */
export const qualityOf = ({ cell: { prompts, scenario }, scored }: RunRecord): PageQuality | undefined => {
  if (!isQuality(scenario)) return undefined
  const chance = scored === undefined ? undefined : chanceOf(scored)
  return {
    dataset: visible([prompts.name, ...prefixesOf(scenario)].join(", ")),
    ...(prompts.language === undefined ? {} : { language: visible(prompts.language) }),
    of: scenario.measure === "kld" ? scenario.chunks : prompts.count,
    ...(chance === undefined ? {} : { chance: rounded(chance) }),
  }
}
