import { existsSync, statSync } from "node:fs"
import { join, posix } from "node:path"

/** Where files that are no pages lie in the site: as text, since a browser would take a `.ts` for a film. */
export const SOURCES = "/source"

/** The registry's own page, in place of its files in markdown. */
export const REGISTRY = "/models/registry.html"

interface Site {
  /** The root of the repository. */
  readonly root: string
  /** Files that are shown as pages, from there. */
  readonly pages: ReadonlySet<string>
  /** Learns the files that have to be copied, and the folders that have to be listed. */
  readonly copied: Set<string>
}

/**
 * A link of a page as the site needs it: pages and other sites as they are, folders as their README, the rest as copies.
 * Throws if there is no such file.
 */
export const siteLink = (href: string, page: string, { copied, pages, root }: Site): string => {
  if (/^[a-z][a-z+.-]*:|^#|^\//i.test(href)) return href
  const [path = "", anchor] = href.split("#")
  const target = posix.normalize(posix.join(posix.dirname(page), decodeURI(path))).replace(/\/$/, "")
  const at = join(root, target)
  if (target.startsWith("..") || !existsSync(at)) throw new Error(`${page} links to ${href}, which is not there.`)
  if (/^models\/[^/]+\.(md|html)$/.test(target)) return REGISTRY
  const isFolder = statSync(at).isDirectory()
  const file = isFolder ? posix.join(target, "README.md") : target
  if (pages.has(file)) return `/${file === "README.md" ? "index.md" : file}${anchor === undefined ? "" : `#${anchor}`}`
  copied.add(target)
  // Lines of a text have no anchors.
  return `${SOURCES}/${target}${isFolder ? "/index.html" : ".txt"}`
}
