import { Effect } from "effect"
import { type Broken, completing, sending } from "./Broken.ts"

let turn = 0

/** Faults of what is answered: tokens, chunks, texts and vectors. */
export const IN_ANSWERS: ReadonlyArray<Broken> = [
  {
    fault: "it counts a chunk twice",
    with: sending(
      "generate",
      (send) => (request, observer) => send(request, { ...observer, chunk: (tokens) => observer.chunk(2 * tokens) }),
    ),
    fails: "generate: chunks add up to what the engine counts",
    says: /have 64 tokens, but the engine counts 32/,
  },
  {
    fault: "it stops at the end of text",
    with: sending(
      "generate",
      (send) => (request, observer) =>
        send(
          request.task === "generate" ? { ...request, outputTokens: Math.min(20, request.outputTokens) } : request,
          observer,
        ),
    ),
    fails: "generate: generates as many tokens as requested",
    says: /32 tokens were requested and 20 were generated/,
  },
  {
    fault: "it counts no prompt",
    with: completing("generate", { inputTokens: 0 }),
    fails: "generate: counts the prompt's tokens",
    says: /counts 0 tokens for a prompt that is not empty/,
  },
  {
    fault: "it holds chunks back until the end",
    with: sending("generate", (send) => (request, observer) => {
      const held: Array<number> = []
      return send(request, { ...observer, chunk: (tokens) => void held.push(tokens) }).pipe(
        Effect.tap(() => Effect.sync(() => held.forEach((tokens) => observer.chunk(tokens)))),
      )
    }),
    fails: "generate: reports chunks as they arrive",
    says: /All 32 tokens are reported at once/,
  },
  {
    fault: "it answers by chance",
    with: sending(
      "generate",
      (send) => (request, observer) =>
        Effect.map(send(request, observer), (done) => ({ ...done, text: `answer ${turn++}` })),
    ),
    fails: "generate: gives the same answer to the same request",
    says: /answered differently the second time/,
  },
  {
    fault: "it keeps prompts in a cache",
    with: completing("generate", { cachedTokens: 7 }),
    fails: "generate: finds nothing of an earlier request in a cache",
    says: /finds 7 tokens in a cache/,
  },
  {
    fault: "it leaves a text out",
    with: completing("embed", { vectors: { count: 2, dimensions: 8 } }),
    fails: "embed: returns one vector for each text, all of the same width",
    says: /2 vectors for 3 texts/,
  },
  {
    fault: "it gives vectors back unasked",
    with: sending(
      "embed",
      (send) => (request, observer) => send({ ...request, returnVectors: true } as typeof request, observer),
    ),
    fails: "embed: returns one vector for each text, all of the same width",
    says: /are returned without a request/,
  },
  {
    fault: "it counts the texts of one batch",
    with: completing("embed", { inputTokens: 1 }),
    fails: "embed: counts the texts' tokens",
    says: /counts 1 tokens in 3 texts/,
  },
  {
    fault: "its vectors are cut",
    with: sending(
      "embed",
      (send) => (request, observer) =>
        Effect.map(send(request, observer), (done) =>
          done.vectors?.base64 === undefined ? done : { ...done, vectors: { ...done.vectors, base64: "AAAA" } },
        ),
    ),
    fails: "embed: returns the vectors themselves if requested",
    says: /3 vectors of 8 dimensions are 96 bytes as float32, but base64 has 3/,
  },
]
