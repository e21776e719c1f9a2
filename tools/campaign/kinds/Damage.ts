import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import { type TextEdit, drawEdit, edited } from "../TextEdit.ts"
import { recordOf } from "../Workspaces.ts"

const FILES = ["record.json", "samples.ndjson"] as const

interface Case {
  readonly config: "a" | "b"
  readonly file: (typeof FILES)[number]
  readonly edits: ReadonlyArray<TextEdit>
}

/** What was changed in a record after it was finished: a digit, a line, a part. */
export const damage = kind<Case>({
  name: "damage",
  share: 180,
  draw: (draws) => ({
    config: draws.pick(["a", "b"] as const),
    file: draws.pick(FILES),
    edits: draws.list(1, 2, () => drawEdit(draws)),
  }),
  inject: async ({ config, edits, file }, testbed) => {
    const path = join(testbed.root, recordOf(testbed.root, config), file)
    const before = readFileSync(path, "utf8")
    const after = edits.reduce(edited, before)
    writeFileSync(path, after)
    const { code, stdout } = await testbed.command(["verify"])
    if (withoutMark(after) !== before && code === 0)
      testbed.violated("damage-found", `verify: exit 0: ${stdout.slice(-200)}`)
    await testbed.command(["registry"])
    writeFileSync(path, before)
    await testbed.command(["registry"])
  },
})

/** Readers leave out a byte order mark, which some editors write: it changes nothing. */
const withoutMark = (text: string): string => text.replace(/^\ufeff+/, "")
