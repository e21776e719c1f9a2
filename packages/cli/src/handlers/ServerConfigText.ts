import type { FoundServer, OfferedModel } from "@rigbook/core"

/** What is written into the config of a server's model. */
export interface ServerConfig {
  readonly backend: string
  readonly server: Pick<FoundServer, "name" | "version">
  readonly model: OfferedModel
  /** The model's file, where that is on this machine; a relative path starts at the config's folder. */
  readonly source?: { readonly path: string; readonly sha256: string }
  /** The config's JSON Schema, from the config's folder. */
  readonly schema: string
}

/** The config's text, with scenarios that this kind of server can do, each with texts that it has not cached. Pure. */
export const serverConfigText = ({ backend, model, schema, server, source }: ServerConfig): string =>
  `# yaml-language-server: $schema=${schema}
# Written by rigbook add from what ${server.name} reports. It is yours to change.
name: ${JSON.stringify(model.name)}
task: ${model.task}
${source === undefined ? "# No source: the server reports what the model is.\n" : `source:\n  path: ${JSON.stringify(source.path)}\n  sha256: ${source.sha256}\n`}backends:
  ${backend}:
${Object.entries(model.options)
  .map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
  .join("")}scenarios:
${model.task === "embed" ? BATCHES : generation(model.natural === true)}`

const generation = (natural: boolean): string => {
  const tokens = (count: number): string => (natural ? `{ natural: ${count} }` : String(count))
  return `${natural ? "  # Answers have their natural length: this server can't make them longer or shorter.\n" : ""}  # A short chat: how long a person waits.
  - kind: latency
    prompts: short-chat
    requests: 1
    outputTokens: ${tokens(32)}
    cache: fresh
  # Prefill: how fast a long prompt is read.
  - kind: context
    depth: 1024
    outputTokens: ${tokens(16)}
  # Decode: how fast a long answer is written.
  - kind: latency
    prompts: short-chat
    requests: 1
    outputTokens: ${tokens(256)}
    cache: fresh
`
}

const BATCHES = `  # A ladder of batches: how many documents a second, and where more at once stops paying.
  - kind: batch
    prompts: documents-en
    documents: 32
    batchSize: [1, 8, 32]
    cache: fresh
`
