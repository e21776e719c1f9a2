import { Schema } from "effect"
import type { Task } from "../model/Model.ts"
import type { ScenarioLadder } from "./Scenario.ts"

type Ladders = ReadonlyArray<typeof ScenarioLadder.Encoded>

/**
 * Scenarios that come with Rigbook, by name and task, so that rigs can be compared: a set never changes. Better ones get
 * another name.
 */
export const SCENARIO_SETS: Readonly<Record<"standard", Readonly<Record<Task, Ladders>>>> = {
  standard: {
    generate: [
      // A short chat: how long a person waits.
      { kind: "latency", prompts: "short-chat", requests: 1, outputTokens: 32 },
      // Prefill: how fast a prompt of a few pages, a report and a book is read.
      { kind: "context", depth: [2000, 10_000, 90_000], outputTokens: 16, ifItFits: true },
      // Decode: how fast a long answer is written.
      { kind: "latency", prompts: "short-chat", requests: 1, outputTokens: 256 },
    ],
    // A ladder of batches: how many documents a second, and where more at once stops paying.
    embed: [{ kind: "batch", prompts: "documents-en", documents: 32, batchSize: [1, 8, 32] }],
  },
}

/** A set of scenarios that comes with Rigbook, or with a plugin. */
export const ScenarioSetName = Schema.Union([
  Schema.Literals(["standard"]),
  Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_-]*$/)),
]).annotate({
  identifier: "ScenarioSetName",
  description:
    "A set of scenarios: `standard` comes with Rigbook (short chat, prefill, decode; for embeddings a ladder of batches), others with plugins",
})
