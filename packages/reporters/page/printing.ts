const PRINT = "print-all"
const AFTER = "print-done"

/** Prepares an element of the page for paper; what `prepare` returns is done when it is printed. */
export const onPrint = (element: HTMLElement, prepare: () => () => void): void =>
  element.addEventListener(PRINT, () => element.addEventListener(AFTER, prepare(), { once: true }))

/** On paper the page has all that it says: what is folded is open, and tables have all of their rows. */
export const printWhole = (): void => {
  let opened: ReadonlyArray<HTMLDetailsElement> = []
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open], .plot details)")]
    for (const details of opened) details.open = true
    tell(PRINT)
  })
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false
    tell(AFTER)
  })
}

const tell = (event: string): void => {
  for (const each of document.querySelectorAll(".data")) each.dispatchEvent(new Event(event))
}
