import { DEFAULT, type Setting, type Variant } from "@rigbook/runner"
import { Predicate } from "effect"
import { isAbsolute, relative, resolve } from "node:path"

/** A value of YAML with keys. */
export type Mapping = Readonly<Record<string, unknown>>

/** What variants are made of. */
export interface Base {
  /** The config of the model, as its file has it. */
  readonly config: Mapping
  /** Its file's folder: relative paths start there. */
  readonly folder: string
  readonly backend: string
  /** Options that every variant has, such as the context. */
  readonly options: Mapping
  /** The model's files, by their setting of `quantization`. */
  readonly sources: ReadonlyMap<Setting, Mapping>
  /** What a setting of `placement` stands for. */
  readonly placements: ReadonlyMap<Setting, unknown>
}

/** The knobs that are no option of the backend. */
export const QUANTIZATION = "quantization"
export const PLACEMENT = "placement"

/** The config of a variant with these scenarios, for a file in `folder`; pure. Trials and warm-ups are the config's if left out. */
export const tryConfig = (
  { backend, config, folder: from, options, placements, sources }: Base,
  variant: Variant,
  { folder, name, scenarios, trials }: TryOf,
): Mapping => {
  const { planned: _, protocol, ...rest } = config
  const source = sources.get(variant[QUANTIZATION] ?? DEFAULT) ?? config["source"]
  const given = Predicate.hasProperty(config["backends"], backend) ? config["backends"][backend] : undefined
  const set: Record<string, unknown> = { ...(Predicate.isObject(given) ? given : {}), ...options }
  for (const [knob, setting] of Object.entries(variant)) {
    if (knob === QUANTIZATION || knob === PLACEMENT) continue
    if (setting === DEFAULT) delete set[knob]
    else set[knob] = setting
  }
  const placement = placements.get(variant[PLACEMENT] ?? DEFAULT) ?? config["placement"]
  return {
    ...rest,
    name,
    source: moved(source, from, folder),
    backends: { [backend]: set },
    ...(placement === undefined ? {} : { placement }),
    scenarios: moved(scenarios, from, folder),
    ...(trials === undefined
      ? protocol === undefined
        ? {}
        : { protocol }
      : { protocol: { ...(Predicate.isObject(protocol) ? protocol : {}), warmup: 1, trials } }),
  }
}

/** What a try's config is for. */
export interface TryOf {
  readonly name: string
  /** Of the new file. */
  readonly folder: string
  readonly scenarios: unknown
  readonly trials?: number
}

/** Paths of models that are relative to one folder, from another. */
export const moved = <A>(value: A, from: string, to: string): A => within(value, from, to) as A

const within = (value: unknown, from: string, to: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => within(one, from, to))
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "path" && typeof inner === "string" && !isAbsolute(inner)
        ? relative(to, resolve(from, inner))
        : within(inner, from, to),
    ]),
  )
}

/** `decode-q4_0` from a stage and a variant: part of a file's name. */
export const slugOf = (...words: ReadonlyArray<string>): string =>
  words
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "defaults"
