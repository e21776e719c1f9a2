import { assert, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

const ROOT = join(import.meta.dirname, "..")

/** One that names another would stop the release, and be found there only. */
it("changesets name packages that are here", () => {
  const packages = globSync("packages/*/package.json", { cwd: ROOT }).map(
    (path) => (JSON.parse(readFileSync(join(ROOT, path), "utf8")) as { readonly name: string }).name,
  )
  for (const path of globSync(".changeset/*.md", { cwd: ROOT })) {
    const [, head = ""] = readFileSync(join(ROOT, path), "utf8").split("---\n")
    const named = [...head.matchAll(/^["']?([^"':]+)["']?:/gm)].map(([, name]) => name!)
    assert.includeMembers(packages, named, path)
  }
})
