import type { Markup } from "../src/markup/markup.ts"

const SVG = "http://www.w3.org/2000/svg"
const DRAWN = new Set(["svg", "path"])

/** One element with its attributes and children. Text is only ever text. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** The element that a markup describes. */
export const elementOf = ({ attributes, children, tag }: Pick<Markup, "attributes" | "children" | "tag">): Element => {
  const made = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.map((child) => (typeof child === "string" ? child : elementOf(child))))
  return made
}

/** A button that does something. */
export const button = (label: string, press: () => void, attributes: Readonly<Record<string, string>> = {}) => {
  const made = element("button", { type: "button", ...attributes }, label)
  made.addEventListener("click", press)
  return made
}
