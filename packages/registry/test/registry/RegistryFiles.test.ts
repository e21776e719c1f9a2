import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { PluginError, type Reporter } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join, relative } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { fakeWorkspace, put } from "../../../records/test/fakes/workspace.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import { makeRegistry } from "../../src/registry/Registry.ts"
import { checkRegistry, firstDifference, renderRegistry, writeRegistry } from "../../src/registry/RegistryFiles.ts"
import { readRelease, releaseRegistry } from "../../src/registry/Release.ts"

// Real files and processes: as long as a busy machine may take.
const reporter = (id: string, extension: string): Reporter => ({
  id,
  extension,
  registry: ({ entries }) =>
    `${[id, ...entries.flatMap(({ id: model, notes }) => [model, ...notes.map(({ text }) => text)])].join("\n")}\n`,
  report: () => "",
})
const nothingPlanned = () => Effect.succeed({ planned: [], issues: [] })
const REPORTERS = [reporter("markdown", "md"), reporter("csv", "csv")]

layer(NodeServices.layer, { excludeTestServices: true })("the registry's files", (it) => {
  it.effect("are what the records and notes say, until somebody edits them", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace({ "models/notes/noted.md": "A note." })
      yield* hurried(run([fakeCell()], { workspace }))
      yield* put(join(workspace.raw, "broken", "record.json"), "{}")
      const { broken, files, registry } = yield* renderRegistry(workspace, REPORTERS, nothingPlanned)
      assert.deepStrictEqual([broken.length, registry.entries.length], [1, 2])
      assert.deepStrictEqual(yield* checkRegistry(workspace, files), [
        { path: "models/REGISTRY.md", line: 1, expected: "the file REGISTRY.md" },
        { path: "models/registry.csv", line: 1, expected: "the file registry.csv" },
      ])
      yield* writeRegistry(files)
      assert.deepStrictEqual(yield* checkRegistry(workspace, files), [])
      const inParts = REPORTERS.map((reporter): Reporter => ({
        ...reporter,
        registryParts: (registry) => reporter.registry(registry).split(/(?<=\n)/),
      }))
      yield* writeRegistry((yield* renderRegistry(workspace, inParts, nothingPlanned)).files)
      assert.deepStrictEqual(yield* checkRegistry(workspace, files), [])
      const path = join(workspace.models, "REGISTRY.md")
      assert.strictEqual(yield* fs.readFileString(path), "markdown\nfake-model\nnoted\nA note.\n")
      yield* put(path, "markdown\nedited\nnoted\nA note.\n")
      assert.deepStrictEqual(yield* checkRegistry(workspace, files), [
        { path: "models/REGISTRY.md", line: 2, expected: "fake-model", found: "edited" },
      ])
    }),
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("a plugin's reporter that throws", (it) => {
  const error = new PluginError({ plugin: "odd", detail: "its reporter odd threw an error.", fix: "Report it." })
  const fails = () => {
    throw error
  }

  it.effect("costs no other report", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace({})
      const odd = { ...reporter("odd", "txt"), registry: fails }
      const rendered = yield* renderRegistry(workspace, [odd, ...REPORTERS], nothingPlanned)
      const { failed, written } = yield* writeRegistry(rendered.files)
      assert.deepStrictEqual([rendered.failed, failed], [[], [error]])
      assert.deepStrictEqual(
        written.map(({ path }) => path),
        ["REGISTRY.md", "registry.csv"].map((name) => join(workspace.models, name)),
      )
      assert.deepStrictEqual(yield* checkRegistry(workspace, rendered.files), [
        { path: "models/registry.odd.txt", line: 1, expected: error.message },
      ])
      const early = yield* renderRegistry(workspace, [{ ...odd, registryPages: fails }, ...REPORTERS], nothingPlanned)
      assert.deepStrictEqual([early.failed, early.files.length], [[error], 2])
    }),
  )

  it.effect("any other defect is not hidden", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace({})
      const odd: Reporter = {
        ...reporter("odd", "txt"),
        registry: () => {
          throw new Error("on purpose")
        },
      }
      const { files } = yield* renderRegistry(workspace, [odd], nothingPlanned)
      const exit = yield* Effect.exit(writeRegistry(files))
      assert.strictEqual(exit._tag, "Failure")
    }),
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("a registry's files", (it) => {
  it.effect("have no note that leads out of the workspace, and say which", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace({ "models/notes/kept.md": "A note." })
      const outside = join(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }), "secret")
      yield* put(outside, "SECRET")
      yield* fs.symlink(outside, join(workspace.notes, "leaving.md"))
      yield* fs.symlink("kept.md", join(workspace.notes, "staying.md"))
      const { files, issues, registry } = yield* renderRegistry(workspace, REPORTERS, nothingPlanned)
      assert.deepStrictEqual(
        registry.entries.map(({ id }) => id),
        ["kept", "staying"],
      )
      assert.notInclude(files.map(({ content }) => content()).join(""), "SECRET")
      assert.deepStrictEqual(issues, [
        {
          file: "models/notes/leaving.md",
          line: 1,
          column: 1,
          path: "",
          message:
            "it leads out of its workspace through a link. Copy what it links to into the workspace, or remove the link.",
        },
      ])
    }),
  )

  it.effect("stay in models, whatever a reporter calls its own", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const refused = (odd: Reporter) => Effect.flip(renderRegistry(workspace, [...REPORTERS, odd], nothingPlanned))
      const page = (name: string): Reporter => ({
        ...reporter("odd", "txt"),
        registryPages: () => [{ name, parts: () => ["text"] }],
      })
      const names = ["../../etc/x", "/etc/x", "a/../../x", "..", "a//b", "", ".hidden", "a\\..\\x", "a\0b", "plots/"]
      for (const odd of [
        reporter("odd", "../../x"),
        reporter("odd", "a/b"),
        reporter("../odd", "txt"),
        ...names.map(page),
      ]) {
        const error = yield* refused(odd)
        assert.include(error.message, "no name of a file in models")
      }
      const { files } = yield* renderRegistry(workspace, [page("plots/a b-ü.svg")], nothingPlanned)
      assert.deepStrictEqual(
        files.map(({ path }) => path),
        [join(workspace.models, "registry.odd.txt"), join(workspace.models, "plots/a b-ü.svg")],
      )
    }),
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("pages beside a registry's file", (it) => {
  const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->\n"
  const withPages = (...names: ReadonlyArray<string>): Reporter => ({
    ...reporter("markdown", "md"),
    registryPages: () => names.map((name) => ({ name, parts: () => [GENERATED, `${name}\n`] })),
  })

  it.effect("are written and compared, and taken away when they are named no more; what people wrote stays", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace({ "models/mine.md": "By hand." })
      const render = (...names: ReadonlyArray<string>) =>
        Effect.map(renderRegistry(workspace, [withPages(...names)], nothingPlanned), ({ files }) => files)
      yield* writeRegistry(yield* render("a.md", "b.md", "plots/a.svg"))
      assert.strictEqual(yield* fs.readFileString(join(workspace.models, "plots/a.svg")), `${GENERATED}plots/a.svg\n`)
      const fewer = yield* render("a.md")
      assert.deepStrictEqual(
        (yield* checkRegistry(workspace, fewer)).map(({ path }) => path),
        ["models/b.md", "models/plots/a.svg"],
      )
      yield* writeRegistry(fewer)
      assert.deepStrictEqual(yield* checkRegistry(workspace, fewer), [])
      const left = (yield* fs.readDirectory(workspace.models)).filter((name) => name.endsWith(".md"))
      assert.sameMembers(left, ["REGISTRY.md", "a.md", "mine.md"])
    }),
  )

  it.effect("never replace what people wrote, which is reported as kept and as a difference", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace({ "models/a.md": "By hand.\n", "models/b.md": `${GENERATED}old\n` })
      const { files } = yield* renderRegistry(workspace, [withPages("a.md", "b.md")], nothingPlanned)
      const { kept, written } = yield* writeRegistry(files)
      const namesOf = (some: typeof kept) => some.map(({ path }) => relative(workspace.models, path))
      assert.deepStrictEqual([namesOf(kept), namesOf(written)], [["a.md"], ["REGISTRY.md", "b.md"]])
      assert.strictEqual(yield* fs.readFileString(join(workspace.models, "a.md")), "By hand.\n")
      assert.deepStrictEqual(
        (yield* checkRegistry(workspace, files)).map(({ path }) => path),
        ["models/a.md"],
      )
    }),
  )

  it.effect("a release keeps what is shown, and is read again", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace({})
      assert.isUndefined(yield* readRelease(workspace))
      const record = fakeRecord()
      yield* put(join(workspace.models, "x"), "")
      yield* releaseRegistry(workspace, makeRegistry([record], []))
      const release = { date: record.finishedAt, records: [record.id] }
      assert.deepStrictEqual(yield* readRelease(workspace), release)
      yield* put(join(workspace.models, "release.json"), '{ "date": 7 }')
      assert.include((yield* Effect.flip(readRelease(workspace))).message, "models/release.json")
    }),
  )
})

describe("firstDifference", () => {
  it("names the first line that differs, is missing or is too many", () => {
    for (const [expected, found, difference] of [
      ["a\nb\n", "a\nb\n", undefined],
      ["a\nb\n", "a\nc\n", { line: 2, expected: "b", found: "c" }],
      ["a\nb\n", "a\n", { line: 2, expected: "b", found: "" }],
      ["a\nb", "a", { line: 2, expected: "b" }],
      ["a\n", "a\nb\n", { line: 2, expected: "", found: "b" }],
      ["a", "a\nb", { line: 2, found: "b" }],
      ["a\n", "", { line: 1, expected: "a", found: "" }],
      ["a\n", "a\r\n", { line: 1, expected: "a", found: "a\r" }],
      ["", undefined, { line: 1, expected: "the file f.md" }],
    ] as const)
      assert.deepStrictEqual(
        firstDifference("models/f.md", expected, found),
        difference === undefined ? undefined : { path: "models/f.md", ...difference },
      )
  })

  const Lines = Schema.Array(Schema.Literals(["", "a", "b"]))
  it.prop(
    "finds one exactly when the texts differ, and it is right",
    { wanted: Lines, there: Lines },
    ({ there, wanted }) => {
      const difference = firstDifference("f", wanted.join("\n"), there.join("\n"))
      assert.strictEqual(difference === undefined, wanted.join("\n") === there.join("\n"))
      if (difference !== undefined) assert.notStrictEqual(difference.expected, difference.found)
    },
  )
})
