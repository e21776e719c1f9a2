import type { PageData } from "../src/html/PageData.ts"
import { modelDetails, runDetails } from "./details.ts"
import { button, element } from "./element.ts"

/**
 * A dialog that shows the run or model that the address names, from the current data: links open it, and going back
 * closes it.
 */
export const detailsDialog = (data: () => PageData): HTMLDialogElement => {
  const title = element("h2", { id: "details-title" })
  const content = element("div")
  const dialog = element(
    "dialog",
    { "aria-labelledby": "details-title" },
    element(
      "header",
      {},
      title,
      button("Close", () => dialog.close()),
    ),
    content,
  )
  let shown = ""
  const show = () => {
    shown = location.hash
    const found = find(data(), shown)
    if (found === undefined) return dialog.close()
    title.textContent = found.title
    content.replaceChildren(...found.nodes())
    if (!dialog.open) dialog.showModal()
    dialog.scrollTop = 0
  }
  // After closing by hand the address no longer names it, unless the address is already changing to something else.
  // `replaceState` keeps the reader's place.
  dialog.addEventListener("close", () => {
    if (location.hash === shown && find(data(), shown) !== undefined) history.replaceState(null, "", "#")
  })
  addEventListener("hashchange", show)
  queueMicrotask(show)
  return dialog
}

interface Found {
  readonly title: string
  readonly nodes: () => ReadonlyArray<Node>
}

const find = (data: PageData, hash: string): Found | undefined => {
  const [, kind, encoded = ""] = /^#(run|model)=(.*)$/.exec(hash) ?? []
  const id = decoded(encoded)
  if (kind === "run") {
    const run = data.runs.find((candidate) => candidate.id === id)
    return run && { title: `${run.name}: ${run.scenario}`, nodes: () => runDetails(data, run) }
  }
  const model = kind === "model" ? data.models.find((candidate) => candidate.id === id) : undefined
  return (
    model && {
      title: model.name,
      nodes: () =>
        modelDetails(
          data,
          model,
          data.runs.filter((run) => run.model === id),
        ),
    }
  )
}

/** A typed address may not be valid encoded text: then it names nothing. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
