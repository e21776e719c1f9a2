import { hashOf, type Opened } from "./address.ts"
import type { Catalog } from "./catalog.ts"
import { compareDetails } from "./compareDetails.ts"
import { ANY } from "./criteria.ts"
import { button, element } from "./element.ts"
import { modelDetails } from "./modelDetails.ts"
import { runDetails } from "./runDetails.ts"

export interface DetailsDialog {
  readonly element: HTMLDialogElement
  /** Shows what is to be open; nothing closes it. */
  readonly show: (open: Opened | undefined) => void
}

/** A dialog that shows a run, a model or two runs, from the current data. `closed`: the reader closed what it showed. */
export const detailsDialog = (catalog: () => Catalog, closed: (shown: Opened) => void): DetailsDialog => {
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
  let shown: Opened | undefined
  dialog.addEventListener("close", () => {
    // The browser reports the end a moment later: by then it may be open again.
    if (dialog.open) return
    const before = shown
    shown = undefined
    if (before !== undefined) closed(before)
  })
  return {
    element: dialog,
    show: (open) => {
      const found = open === undefined ? undefined : find(catalog(), open)
      const next = found && open
      if (keyOf(next) === keyOf(shown)) return
      shown = next
      if (found === undefined) return dialog.close()
      title.textContent = found.title
      content.replaceChildren(...found.nodes())
      if (!dialog.open) dialog.showModal()
      dialog.scrollTop = 0
    },
  }
}

const keyOf = (open: Opened | undefined): string => hashOf({ criteria: ANY, ...(open && { open }) })

interface Found {
  readonly title: string
  readonly nodes: () => ReadonlyArray<Node>
}

const find = (catalog: Catalog, open: Opened): Found | undefined => {
  const { data } = catalog
  if (open.kind === "compare") {
    const [a, b] = open.ids.map(catalog.run)
    return a === undefined || b === undefined
      ? undefined
      : { title: "Two runs compared", nodes: () => compareDetails(catalog, a, b) }
  }
  if (open.kind === "run") {
    const run = catalog.run(open.id)
    return run && { title: `${run.name}: ${run.scenario}`, nodes: () => runDetails(catalog, run) }
  }
  const model = data.models.find(({ id }) => id === open.id)
  return (
    model && {
      title: model.name,
      nodes: () =>
        modelDetails(
          catalog,
          model,
          data.runs.filter((run) => run.model === open.id),
        ),
    }
  )
}
