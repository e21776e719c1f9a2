import { assert, describe, it } from "@effect/vitest"
import { PluginManifest } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const PACKAGES = join(import.meta.dirname, "../packages")

/** Backends for which it is unknown by which server they would be tried: see docs/writing-a-backend.md. */
const UNCHECKED = ["openai"]

describe("the manifests of our own backends", () => {
  for (const folder of readdirSync(PACKAGES).filter((name) => name.startsWith("backend-")))
    it(`${folder}'s names what is built from its sources`, async () => {
      const text = readFileSync(join(PACKAGES, folder, "package.json"), "utf8")
      const { backends = [] } = Schema.decodeUnknownSync(PluginManifest)(
        (JSON.parse(text) as { rigbook: unknown }).rigbook,
      )
      const exported = async (named: string): Promise<unknown> => {
        const [, module, name] = /^\.\/dist\/(.*)\.js#(.*)$/.exec(named)!
        return ((await import(join(PACKAGES, folder, `src/${module}.ts`))) as Record<string, unknown>)[name!]
      }
      assert.isNotEmpty(backends)
      for (const { check, export: backend, id } of backends) {
        assert.deepInclude(await exported(backend), { id })
        if (UNCHECKED.includes(id)) assert.isUndefined(check)
        else assert.isTrue(Effect.isEffect(await exported(check!)))
      }
    })
})
