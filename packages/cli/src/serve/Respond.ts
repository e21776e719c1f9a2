import type { Registry } from "@rigbook/core"
import { reportPath } from "@rigbook/reporters"

/** What is asked of the server, as far as it matters. */
export interface Asked {
  readonly method: string
  /** The `Host` header. */
  readonly host: string | undefined
  /** As it came: path and query, encoded. */
  readonly url: string
}

/** What the server does with a request. */
export type Answer =
  | { readonly kind: "page" }
  | { readonly kind: "state" }
  | { readonly kind: "events" }
  /** A file of the workspace, by its path from the root. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "redirect"; readonly to: string }
  | { readonly kind: "refused"; readonly status: number; readonly text: string }

/** Where the page is: as deep as models/registry.html lies, so that its links to records and notes lead there. */
export const PAGE_PATH = "/models/registry.html"

const refused = (status: number, text: string): Answer => ({ kind: "refused", status, text })

/**
 * What to answer. Pure. Nothing is found by joining paths: what can be had is the page, its data, and the files that the
 * page itself links to, by their exact names.
 */
export const answerOf = ({ host, method, url }: Asked, files: ReadonlySet<string>): Answer => {
  if (!isLoopback(host))
    return refused(421, "This server answers to 127.0.0.1 and localhost only: open the address that it printed.")
  if (method !== "GET" && method !== "HEAD") return refused(405, "This server only shows; nothing can be sent to it.")
  const path = decoded(url.split("?")[0]!)
  switch (path) {
    case "/":
      return { kind: "redirect", to: PAGE_PATH }
    case PAGE_PATH:
      return { kind: "page" }
    case "/models/data.json":
      return { kind: "state" }
    case "/models/events":
      return { kind: "events" }
    default:
      return path !== undefined && files.has(path)
        ? { kind: "file", path: path.slice(1) }
        : refused(404, "There is nothing here. The registry is at /.")
  }
}

/** A page of elsewhere whose name was made to point here (DNS rebinding) still asks for its own name. */
const isLoopback = (host: string | undefined): boolean =>
  host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host)

const decoded = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** The files that a registry's page links to. */
export const linkedFiles = ({ entries, planned, reports }: Registry): ReadonlySet<string> =>
  new Set([
    ...planned.map(({ path }) => `/${path}`),
    ...[...reports].map((id) => `/${reportPath({ id })}`),
    ...entries.flatMap(({ notes, records }) => [
      ...records.map(({ id }) => `/benchmarks/results/raw/${id}/record.json`),
      ...notes.map(({ path }) => `/${path}`),
    ]),
  ])

/** Headers of every answer: nothing of it runs, is framed, kept or guessed at. */
export const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
}

/** The page has its own policy inside, which names its script by hash. What only a header can say is said here. */
export const PAGE_POLICY = "frame-ancestors 'none'; object-src 'none'; base-uri 'none'"

/** Of all else nothing is to be run, whatever is in it. */
export const FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
