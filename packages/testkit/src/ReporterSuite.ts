import type { FileContent, Reporter, RunRecord } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { Effect, Layer } from "effect"
import { type Case, type CaseResult, must, runCases } from "./Conformance.ts"
import { fakeRecord, HOSTILE, hostileRecord, invalidRecord } from "./FakeRecords.ts"
import { registerSuite } from "./Suite.ts"

/** Formats that a browser may interpret. */
const MARKUP = new Set(["md", "html", "htm", "svg", "xml"])
const TABLES = new Set(["csv", "tsv"])

/** Bytes as characters, so that the names in them can be found. */
const asText = (content: FileContent): string =>
  content instanceof Uint8Array ? Buffer.from(content).toString("latin1") : content

const reporterCases = (reporter: Reporter<FileContent>): ReadonlyArray<Case> => {
  const { extension, id } = reporter
  const records = [fakeRecord(), invalidRecord()]
  /** Both of its texts, of the same records. */
  const texts = (of: ReadonlyArray<RunRecord>): ReadonlyArray<string> => [
    asText(reporter.registry(makeRegistry(of, []))),
    asText(reporter.report(of)),
  ]

  const isReported = Effect.gen(function* () {
    yield* must(/^[a-z][a-z0-9-]*$/.test(id), `The id "${id}" must consist of lower-case letters, digits and -.`)
    yield* must(/^[a-z0-9]+$/.test(extension), `The extension "${extension}" must be lower-case, without the dot.`)
  })

  const isPure = Effect.suspend(() => {
    const before = JSON.stringify(records)
    const [first, second] = [texts(records), texts(records)]
    return Effect.andThen(
      must(
        first.join("\0") === second.join("\0"),
        "The same records give another text the second time: `rigbook registry --check` could never succeed. Don't use the current date or random values.",
      ),
      must(JSON.stringify(records) === before, "The reporter changes the records that it gets: copy before you sort."),
    )
  })

  const isWholeInParts = Effect.suspend(() => {
    const registry = makeRegistry(records, [])
    const parts = reporter.registryParts?.(registry) ?? [reporter.registry(registry)]
    return must(
      Array.from(parts, asText).join("") === asText(reporter.registry(registry)),
      "The parts of the registry's text differ from the text: `rigbook registry` would write what its `--check` rejects.",
    )
  })

  const bearsNothing = Effect.suspend(() =>
    Effect.forEach(texts([]), (text) =>
      must(typeof text === "string", "Without records the reporter returns neither text nor bytes."),
    ),
  )

  const tellsFigures = Effect.suspend(() =>
    Effect.forEach(texts(records), (text) => {
      const odd =
        typeof reporter.report(records) !== "string"
          ? undefined
          : /\bNaN\b|\bundefined\b|\[object Object\]|\bInfinity\b/.exec(text)?.[0]
      return must(odd === undefined, `The text contains "${odd}": show the reason of an absent figure instead.`)
    }),
  )

  const namesModels = Effect.suspend(() =>
    Effect.forEach(texts(records), (text) =>
      must(text.includes("Fake model") || text.includes("fake-model"), "The text does not name the measured model."),
    ),
  )

  const tellsVerdicts = Effect.suspend(() =>
    must(
      asText(reporter.report([invalidRecord()])).includes("cache-warm"),
      "A report of an invalid record does not say why it is invalid (cache-warm): a figure without its verdict misleads.",
    ),
  )

  const escapes = Effect.suspend(() => {
    const [html, formula] = [texts([hostileRecord("html")]), texts([hostileRecord("formula")])]
    const opens = (text: string): boolean => MARKUP.has(extension) && text.includes(HOSTILE.html.slice(0, 8))
    const computes = (text: string): boolean => TABLES.has(extension) && /(^|[,\t"\n])=HYPERLINK/.test(text)
    return Effect.andThen(
      must(
        !html.some(opens),
        `A model's name goes into the text unescaped: ${HOSTILE.html} would run in a browser. Escape it.`,
      ),
      must(
        !formula.some(computes),
        `A model's name goes into the table unescaped: a spreadsheet would compute ${HOSTILE.formula}. Put an apostrophe before it.`,
      ),
    )
  })

  return [
    { name: "says what it is", check: isReported },
    { name: "gives the same for the same records, and does not change them", check: isPure },
    { name: "gives the same registry in parts and at once", check: isWholeInParts },
    { name: "handles a registry without records", check: Effect.asVoid(bearsNothing) },
    { name: "shows no invalid figure", check: Effect.asVoid(tellsFigures) },
    { name: "names the models", check: Effect.asVoid(namesModels) },
    { name: "says why a record is invalid", check: tellsVerdicts },
    { name: "escapes the names of models and files", check: escapes },
  ]
}

/** Registers the conformance suite of a reporter with vitest: call it at the top of a test file. */
export const reporterSuite = (reporter: Reporter<FileContent>): void =>
  registerSuite(`reporter ${reporter.id}`, reporterCases(reporter), Layer.empty)

/** The same cases without vitest: their results, in order. */
export const checkReporter = (reporter: Reporter<FileContent>): Effect.Effect<ReadonlyArray<CaseResult>> =>
  runCases(reporterCases(reporter))
