import { element } from "./element.ts"

/** Links to the page's parts: those that are there. */
export const navigation = () => {
  const list = element("ul", {})
  // A link to a part that is folded unfolds it, from wherever it is followed.
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest('a[href^="#"]') : undefined
    const id = link?.getAttribute("href")?.slice(1) ?? ""
    const fold = /^[a-z-]+$/.test(id) ? document.querySelector<HTMLDetailsElement>(`#${id} > details.fold`) : null
    if (fold !== null) fold.open = true
  })
  return {
    element: element("nav", { "aria-label": "Parts of the page" }, list),
    show: () => {
      const parts = [...document.querySelectorAll<HTMLElement>("main section[id]:not([hidden])")].flatMap((part) => {
        const title = part.querySelector(":scope > h2")?.textContent ?? ""
        return title === "" ? [] : [element("li", {}, element("a", { href: `#${part.id}` }, title))]
      })
      list.replaceChildren(...parts)
    },
  }
}
