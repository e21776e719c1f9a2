import type { Completion, GenerateRequest, Observer, Prompt } from "@rigbook/core"
import type { ChatHistoryItem, getLlama, resolveChatWrapper, Token } from "node-llama-cpp"
import { createWriteStream } from "node:fs"

interface Library {
  readonly getLlama: typeof getLlama
  readonly resolveChatWrapper: typeof resolveChatWrapper
}

interface LoadOptions {
  readonly path: string
  /** Tokens. */
  readonly context: number
  readonly threads: number
  readonly logFile: string
  readonly signal: AbortSignal
}

/** A model that is loaded, by promises alone. */
export interface Engine {
  /** Tokens, as the engine says. */
  readonly contextSize: number
  readonly threads: number
  readonly generate: (request: GenerateRequest, observer: Observer, signal: AbortSignal) => Promise<Completion>
  readonly unload: () => Promise<void>
}

/** Loads a model; what it logs goes to a file. */
export const loadEngine = async (
  { getLlama: start, resolveChatWrapper: chatOf }: Library,
  { context: contextSize, logFile, path, signal, threads }: LoadOptions,
): Promise<Engine> => {
  const log = createWriteStream(logFile, { flags: "a" })
  // Never built here: an engine that is not what was published would be another one.
  const llama = await start({ gpu: false, build: "never", logger: (_, message) => void log.write(message) })
  const unload = async (): Promise<void> => {
    await llama.dispose() // with its models
    log.end()
  }
  try {
    const model = await llama.loadModel({ modelPath: path, loadSignal: signal })
    const context = await model.createContext({ contextSize, threads, createSignal: signal })
    const sequence = context.getSequence()

    const tokensOf = (prompt: Prompt): Array<Token> => {
      if ("text" in prompt) return model.tokenize(prompt.text)
      const history = prompt.messages.map(({ content, role }): ChatHistoryItem =>
        role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content },
      )
      const { contextText } = chatOf(model).generateContextState({
        chatHistory: [...history, { type: "model", response: [] }],
      })
      return contextText.tokenize(model.tokenizer)
    }

    const answer = async (request: GenerateRequest, observer: Observer, stop: AbortSignal): Promise<Completion> => {
      await sequence.clearHistory()
      const cachedTokens = sequence.nextTokenIndex
      const prompt = tokensOf(request.prompt)
      const written: Array<Token> = []
      observer.sent()
      // Greedy, and end-of-text does not end it: every answer has the requested length.
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        if (stop.aborted) break
        written.push(token)
        observer.chunk(1)
        if (written.length === request.outputTokens) break
      }
      return {
        inputTokens: prompt.length,
        outputTokens: written.length,
        cachedTokens,
        finish: written.length === request.outputTokens ? "length" : "stop",
        text: model.detokenize(written),
      }
    }

    // One after the other: there is one sequence, and a request that was given up may still be at its last token.
    let last: Promise<unknown> = Promise.resolve()
    return {
      contextSize: context.contextSize,
      threads: context.currentThreads,
      generate: (request, observer, stop) => {
        const next = last.then(() => answer(request, observer, stop))
        last = next.catch(() => undefined)
        return next
      },
      unload,
    }
  } catch (cause) {
    await unload()
    throw cause
  }
}
