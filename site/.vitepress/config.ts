import { cpSync, globSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { type DefaultTheme, defineConfig } from "vitepress"
import { REGISTRY, siteLink, SOURCES } from "../Links.ts"

const ROOT = join(import.meta.dirname, "../..")

/** What people read here. Other files are linked as text; the registry has a page of its own. */
const pages = new Set(
  ["*.md", "docs/**/*.md", "{packages,examples,tools,benchmarks/configs}/*/README.md"].flatMap((pattern) =>
    globSync(pattern, { cwd: ROOT }),
  ),
)

/** Files and folders that pages link to, collected while they are rendered. */
const copied = new Set<string>()

/** A page's first heading. */
const titleOf = (path: string): string => /^# (.*)$/m.exec(readFileSync(join(ROOT, path), "utf8"))?.[1] ?? path

/** The groups and pages of docs/README.md, in its order. */
const sidebar = (): Array<DefaultTheme.SidebarItem> =>
  readFileSync(join(ROOT, "docs/README.md"), "utf8")
    .split(/^## /m)
    .slice(1)
    .map((group) => ({
      text: group.slice(0, group.indexOf("\n")),
      items: [...group.matchAll(/\]\(([^)#]+\.md)\)/g)].map(([, path]) => ({
        text: titleOf(`docs/${path}`),
        link: `/docs/${path}`,
      })),
    }))

/** Copies what pages link to: a file as text, a folder as a list of its files. */
const copy = (path: string, to: string): void => {
  const from = join(ROOT, path)
  if (!statSync(from).isDirectory()) return cpSync(from, `${to}.txt`)
  const files = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { name } of files) cpSync(join(from, name), join(to, `${name}.txt`))
  const items = files.map(({ name }) => `<li><a href="${encodeURIComponent(name)}.txt">${name}</a></li>`)
  writeFileSync(
    join(to, "index.html"),
    `<!doctype html><title>${path}</title><h1>${path}</h1><ul>${items.join("")}</ul>`,
  )
}

export default defineConfig({
  title: "Rigbook",
  description: "Runs language and embedding models on your own machines and keeps a registry of what it measured.",
  lang: "en",
  srcDir: "..",
  srcExclude: globSync("**/*.md", { cwd: ROOT, exclude: ["**/node_modules"] }).filter((path) => !pages.has(path)),
  outDir: "./dist",
  cacheDir: "../node_modules/.cache/site",
  // Copies are written at the end; whether each file is there is checked when its link is read.
  ignoreDeadLinks: [/^\/source\//, /^\/models\/registry$/, /^http:\/\/localhost/],
  rewrites: { "README.md": "index.md" },
  themeConfig: {
    nav: [
      { text: "Documentation", link: "/docs/README.md" },
      { text: "Registry", link: REGISTRY, target: "_self" },
      { text: "Reference", link: "/docs/api/README.md" },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
  markdown: {
    languageAlias: { ndjson: "json", jsonl: "json" },
    config: (markdown) => {
      markdown.core.ruler.push("site-links", ({ env, tokens }) => {
        const page = relative(ROOT, (env as { readonly path: string }).path)
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === "link_open" ? token.attrGet("href") : null
          if (href !== null) token.attrSet("href", siteLink(href, page, { root: ROOT, pages, copied }))
        }
      })
    },
  },
  buildEnd: ({ outDir }) => {
    cpSync(join(ROOT, "models/registry.html"), join(outDir, REGISTRY))
    for (const path of copied) copy(path, join(outDir, SOURCES, path))
  },
})
