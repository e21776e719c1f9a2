import { type MetricValue, type RunRecord, weightsName, type AnyModel, isServed } from "@rigbook/core"
import { folderOf, recordText } from "@rigbook/records"
import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { figure, verdictWord } from "../output/Figures.ts"
import { print, printData } from "../output/Print.ts"
import { cellText, deviceText } from "../output/RunsPage.ts"
import { table } from "../output/Table.ts"
import { findRecord } from "./FindRecord.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook show` was called with. */
export interface ShowInput {
  readonly record: string
  readonly json: boolean
}

/** Shows one record. */
export const show = Effect.fn("Show.show")(function* ({ json, record: text }: ShowInput) {
  const workspace = yield* openWorkspace
  const record = yield* findRecord(workspace, text)
  const folder = relative(process.cwd(), folderOf(workspace, record))
  yield* json ? printData((yield* recordText(record)).trimEnd()) : print(page(record, folder))
  return EXIT.done
})

const page = (record: RunRecord, folder: string): string => {
  const { cell, effective, environment, failure, requested, verdict } = record
  const devices = (ids: ReadonlyArray<string>): string => ids.map((id) => deviceText(cell.host, id)).join(", ")
  const settings = [...new Set([...Object.keys(requested.settings), ...Object.keys(effective?.settings ?? {})])]
  return [
    cellText(cell),
    `${folder}`,
    "",
    `verdict   ${verdictWord(verdict)}`,
    ...verdict.reasons.map(({ advice, code, detail }) => `          ${code}: ${detail}. ${advice}`),
    `model     ${aboutModel(cell.model)}, sha256 ${cell.model.sha256.slice(0, 12)}`,
    `engine    ${cell.runtime.program} ${cell.runtime.version} (${cell.runtime.path})`,
    `host      ${cell.host.cpu.model}, ${cell.host.cpu.logicalCores} cores, ${cell.host.os}`,
    `started   ${record.startedAt}, load ${environment.loadAverage.toFixed(2)}, Node ${environment.node}, Rigbook ${environment.rigbook}`,
    ...proofLine(record),
    `trials    ${record.samples.measured} measured, ${record.samples.warmup} warm-ups`,
    "",
    table(
      ["", "requested", "effective"],
      [
        ["devices", devices(requested.devices), effective === undefined ? "–" : devices(effective.devices)],
        ...settings.map((name) => [
          name,
          String(requested.settings[name] ?? "–"),
          String(effective?.settings[name] ?? "–"),
        ]),
      ],
    ),
    "",
    table(["figure", "median", "low", "high", "unit", "CV", "trials"], record.values.flatMap(valueRow)),
    ...absentLines(record),
    ...(failure === undefined
      ? []
      : ["", failure.message, "", "The end of the engine's log:", ...failure.logTail.map((line) => `  ${line}`)]),
  ].join("\n")
}

const proofLine = ({ observed: { placement } }: RunRecord): ReadonlyArray<string> =>
  placement === undefined
    ? []
    : [
        `placement ${placement.state}${placement.evidence.map(({ detail, from }) => `; ${from}: ${detail}`).join("")}`,
        ...(placement.missing ?? []).map((witness) => `  missing: ${witness}`),
      ]

/** What was not measured, by reason. */
const absentLines = ({ values }: RunRecord): ReadonlyArray<string> => {
  const absent = values.flatMap(({ result, title }) => ("absent" in result ? [{ title, why: result.absent }] : []))
  return [...Map.groupBy(absent, ({ why }) => why)].map(
    ([why, missing]) => `not measured (${why}): ${missing.map(({ title }) => title).join(", ")}`,
  )
}

const valueRow = ({ result, title, unit }: MetricValue): ReadonlyArray<ReadonlyArray<string>> => {
  if ("absent" in result) return []
  const { cv, high, low, median, n } = result.summary
  const [scale, shown] = unit === "B" ? [2 ** -20, "MiB"] : [1, unit]
  const value = (number: number | undefined): string => (number === undefined ? "" : figure(number * scale))
  return [
    [
      title,
      value(median),
      value(low),
      value(high),
      shown,
      cv === undefined ? "" : `${(100 * cv).toFixed(1)} %`,
      String(n),
    ],
  ]
}

/** Without what a server does not report of its model. */
const aboutModel = (model: AnyModel): string =>
  [
    model.architecture,
    ...(model.parameters === undefined ? [] : [`${(model.parameters / 1e6).toFixed(1)} M parameters`]),
    weightsName(model),
    ...(model.bitsPerWeight === undefined ? [] : [`${model.bitsPerWeight.toFixed(2)} bits per weight`]),
    ...(isServed(model) ? ["as its server reports"] : []),
  ].join(", ")
