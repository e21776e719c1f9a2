import { element } from "./element.ts"

/** A switch between the reader's own setting, light and dark. `changed` is called for each change, the system's too. */
export const themeSwitch = (changed: () => void): HTMLElement => {
  const select = element(
    "select",
    {},
    ...["system", "light", "dark"].map((theme) => element("option", { value: theme }, theme)),
  )
  select.addEventListener("change", () => {
    document.documentElement.dataset["theme"] = select.value
    changed()
  })
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed)
  return element("label", { class: "theme" }, element("span", {}, "Theme "), select)
}
