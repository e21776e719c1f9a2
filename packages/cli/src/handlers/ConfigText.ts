import type { ModelFacts, Task } from "@rigbook/core"

/** What is written into the config of a model's files. */
export interface ConfigContent {
  readonly name: string
  readonly task: Task
  readonly model: Pick<ModelFacts, "quantization" | "contextLength">
  /** The model's file or folder; a relative path starts at the config's folder. */
  readonly path: string
  /** Of all its files. */
  readonly sha256: string
  readonly backends: ReadonlyArray<string>
  /** The config's JSON Schema, from the config's folder. */
  readonly schema: string
}

/** The config's text, with the standard scenarios of the task. Pure. */
export const configText = ({ backends, model, name, path, schema, sha256, task }: ConfigContent): string => {
  const family = familyOf(name, model.quantization)
  return `# yaml-language-server: $schema=${schema}
# Written by rigbook add from the model's files. It is yours to change.
name: ${JSON.stringify(name)}
${family === undefined ? "" : `family: ${JSON.stringify(family)}\n`}task: ${task}
source:
  path: ${JSON.stringify(path)}
  sha256: ${sha256}
backends:
${backends.map((id) => `  ${id}: {}\n`).join("")}placement: auto
${task === "embed" || (model.contextLength ?? Infinity) >= SHORT ? STANDARD : scenariosIn(model.contextLength ?? SHORT)}`
}

/** Short chat, prefill and decode, or a ladder of batches: the same for all models, so that rigs can be compared. */
const STANDARD = `# Short chat, prefill and decode, or batches of documents: the same for all, so that models and rigs can be compared.
scenarios: standard
`

/** Tokens: the standard scenarios need as much. */
const SHORT = 1024

/** Of a model whose context is too short for the standard scenarios: each takes half of it at most. */
const scenariosIn = (contextLength: number): string => {
  const half = Math.max(1, Math.floor(contextLength / 2))
  return `# Its context is too short for the standard scenarios.
scenarios:
  - kind: latency
    prompts: short-chat
    requests: 1
    outputTokens: ${Math.min(32, half)}
  - kind: context
    depth: ${half}
    outputTokens: 16
`
}

/** The prompt set that the standard scenarios of a task read. */
export const STANDARD_PROMPTS: Readonly<Record<Task, string>> = { generate: "short-chat", embed: "documents-en" }

/** A model's name, from that of its file or folder. */
export const modelName = (file: string): string =>
  file.replace(/\.gguf$/i, "").replace(/-\d{5}-of-\d{5}$/, "") || "model"

/** The file name of a model's config without its ending: lower case, and it can't lead out of its folder. */
export const configName = (model: string): string =>
  model
    .toLowerCase()
    .replace(/\.ya?ml$/, "")
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .slice(0, 100)
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "") || "model"

/** A name without the quantization at its end: several quantizations of one model are one family. */
const familyOf = (name: string, quantization: string): string | undefined => {
  const family = name.slice(0, -quantization.length - 1)
  const end = name.slice(family.length)
  return family !== "" && /^[._-]/.test(end) && end.slice(1).toLowerCase() === quantization.toLowerCase()
    ? family
    : undefined
}
