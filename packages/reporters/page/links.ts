import type { PageModel } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { element } from "./element.ts"

/** The address in the page that opens a run, or a model. */
export const address = (kind: "run" | "model", id: string): string => `#${kind}=${encodeURIComponent(id)}`

export const runLink = (run: PageRun, label: string): HTMLAnchorElement =>
  element("a", { href: address("run", run.id) }, label)

export const modelLink = ({ id, name }: Pick<PageModel, "id" | "name">): HTMLAnchorElement =>
  element("a", { href: address("model", id) }, name)

/** The file that a run's figures come from. */
export const recordLink = ({ href, id }: PageRun, label = "record"): HTMLAnchorElement =>
  element("a", { href, title: id }, label)
