import type { Registry } from "@rigbook/core"
import { reportPath } from "@rigbook/reporters"

/** The relevant parts of a request. */
export interface Requested {
  readonly method: string
  /** The `Host` header. */
  readonly host: string | undefined
  /** As received: path and query, encoded. */
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

/** Where the page is: at the depth of models/registry.html, so that its relative links work. */
export const PAGE_PATH = "/models/registry.html"

const refused = (status: number, text: string): Answer => ({ kind: "refused", status, text })

/**
 * The response. Pure. No path is built from the request: it serves only the page, its data, and the files that the
 * page links to, by their exact names.
 */
export const answerOf = ({ host, method, url }: Requested, files: ReadonlySet<string>): Answer => {
  if (!isLoopback(host))
    return refused(421, "This server answers only as 127.0.0.1 or localhost: open the address that it printed.")
  if (method !== "GET" && method !== "HEAD") return refused(405, "This server is read-only.")
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
        : refused(404, "Nothing here. The registry is at /.")
  }
}

/** A foreign page whose name was made to resolve to this host (DNS rebinding) still sends its own name. */
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

/** Headers of every response: nothing is executed, framed, cached or sniffed. */
export const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
}

/** The page has its own policy inside, which names its script by hash. This has what only a header can set. */
export const PAGE_POLICY = "frame-ancestors 'none'; object-src 'none'; base-uri 'none'"

/** Nothing in other files may run, whatever they contain. */
export const FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
