import { Effect, Predicate } from "effect"
import { SetupError } from "../../engine/install/Install.ts"
import type { HubSource } from "../../model/ModelSource.ts"
import { boundedFetch } from "./BoundedFetch.ts"

/** The longest header that safetensors allow. */
export const MOST_HEAD = 100_000_008
/** A page of a list of files: a thousand of them. */
const MOST_LIST = 16 * 2 ** 20
const MOST_FILES = 100_000

/** A file of a repository. */
export interface HubFile {
  readonly path: string
  readonly size: number
  /** Hash of its content. */
  readonly oid: string
}

/** A repository on the Hugging Face Hub, at one revision. */
export interface HubRepository {
  readonly host: string
  readonly list: Effect.Effect<ReadonlyArray<HubFile>, SetupError>
  /** Bytes from `start` up to, but not including, `end`. */
  readonly read: (file: HubFile, start: number, end: number) => Effect.Effect<Uint8Array<ArrayBuffer>, SetupError>
  readonly url: (file: HubFile) => string
  readonly headers: Record<string, string>
  readonly attempt: <A>(what: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, SetupError>
}

/**
 * Opens a repository. As for Hugging Face's own tools, `HF_ENDPOINT` names another hub, and `HF_TOKEN` gives access to
 * gated models; the token is sent to that hub only, and never shown.
 */
export const openHub = Effect.fn("HubRepository.openHub")(function* (what: string, source: HubSource) {
  // Loaded late: its client is needed only for the Hub.
  const { downloadFile, listFiles } = yield* Effect.promise(() => import("@huggingface/hub"))
  const hubUrl = (process.env["HF_ENDPOINT"] ?? "https://huggingface.co").replace(/\/+$/, "")
  const accessToken = process.env["HF_TOKEN"] === "" ? undefined : process.env["HF_TOKEN"]
  const revision = source.revision ?? "main"
  const common = {
    repo: source.hub,
    revision,
    hubUrl,
    ...(accessToken === undefined ? {} : { accessToken }),
  }
  const host = URL.parse(hubUrl)?.host ?? hubUrl
  const attempt = <A>(use: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, SetupError> =>
    Effect.tryPromise({ try: use, catch: (cause) => new SetupError({ what, logTail: [], ...reported(cause) }) })
  const reported = (cause: unknown) => {
    const status = Predicate.hasProperty(cause, "statusCode") ? cause.statusCode : undefined
    if (status === 401 || status === 403)
      return {
        detail: `${source.hub} is gated at ${host}, or does not exist (HTTP ${status}).`,
        fix:
          accessToken === undefined
            ? "Accept its terms on its page, and set HF_TOKEN to your token with read access."
            : "Check its name, that you have accepted its terms, and that the token in HF_TOKEN has read access.",
      }
    if (status === 404)
      return {
        detail: `${host} has no ${source.hub} at revision ${revision}.`,
        fix: "Check the name and the revision in the config's source.",
      }
    const why = Predicate.isNumber(status) ? `HTTP ${status}` : Predicate.isError(cause) ? cause.message : String(cause)
    return {
      detail: `${source.hub} can't be read from ${host}: ${why}.`,
      fix: "Check the network, or download the model and give its path as the source.",
    }
  }
  const repository: HubRepository = {
    host,
    attempt,
    headers: accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` },
    url: ({ path }) => `${hubUrl}/${source.hub}/resolve/${encodeURIComponent(revision)}/${path}`,
    list: attempt(async (signal) => {
      const files: Array<HubFile> = []
      const fetch = boundedFetch(MOST_LIST, signal)
      for await (const { lfs, oid = "", path, size, type } of listFiles({ ...common, fetch, recursive: true })) {
        if (type === "file") files.push({ path, size: lfs?.size ?? size, oid: lfs?.oid ?? oid })
        if (files.length > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`)
      }
      return files
    }),
    read: (file, start, end) =>
      attempt(async (signal) => {
        if (end - start > MOST_HEAD) throw new Error(`${file.path} has more than ${MOST_HEAD} bytes to read`)
        const blob = await downloadFile({ ...common, fetch: boundedFetch(MOST_HEAD, signal), path: file.path })
        if (blob === null) throw new Error(`${file.path} no longer exists`)
        return new Uint8Array(await blob.slice(start, end).arrayBuffer())
      }),
  }
  return repository
})

/** The header of a GGUF file: everything before its weights. */
export const ggufHead = Effect.fn("HubRepository.ggufHead")(function* (hub: HubRepository, file: HubFile) {
  const { gguf } = yield* Effect.promise(() => import("@huggingface/gguf"))
  return yield* hub.attempt(async (signal) => {
    // The parser reads range after range until it has the complete header; what it read is kept.
    const ranges: Array<Uint8Array> = []
    const bounded = boundedFetch(MOST_HEAD, signal)
    const keep: typeof fetch = async (input, init) => {
      const response = await bounded(input, init)
      if (!response.ok) throw Object.assign(new Error(response.statusText), { statusCode: response.status })
      ranges.push(new Uint8Array(await response.clone().arrayBuffer()))
      return response
    }
    const { tensorDataOffset } = await gguf(hub.url(file), { fetch: keep, additionalFetchHeaders: hub.headers })
    return Buffer.concat(ranges).subarray(0, Number(tensorDataOffset))
  })
})
