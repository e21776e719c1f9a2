import type { Registry } from "@rigbook/core"
import { markdown } from "../src/index.ts"

/** REGISTRY.md and the pages beside it in one text, each after its name; plots are left out. */
export const allPages = (registry: Registry): string =>
  [
    markdown.registry(registry),
    ...Array.from(markdown.registryPages!(registry), ({ name, parts }) =>
      name.endsWith(".md") ? `<!-- ${name} -->\n\n${[...parts()].join("")}` : "",
    ).filter((text) => text !== ""),
  ].join("\n")

/** A page beside REGISTRY.md; empty where it is not there. */
export const pageNamed = (registry: Registry, wanted: string): string => {
  for (const { name, parts } of markdown.registryPages!(registry)) if (name === wanted) return [...parts()].join("")
  return ""
}

/** The same with each link written out where it stands: `[● valid][r1]` as `[● valid](address)`. */
export const resolved = (text: string): string =>
  text
    .split(/^(?=<!-- Generated)/m)
    .map((page) => {
      const addresses = new Map([...page.matchAll(/^\[(r\d+)\]: (\S+)$/gm)].map(([, name, at]) => [name!, at!]))
      return page.replaceAll(/\]\[(r\d+)\]/g, (_, name: string) => `](${addresses.get(name)})`)
    })
    .join("")
