import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { json } from "./Flags.ts"

/** Reads records, and shows them to people. */
export const recordCommands = (choose: Choose) => {
  const runs = Command.make("runs", { json }, (input) => choose({ command: "runs", ...input })).pipe(
    Command.withDescription("List records and interrupted runs, with their verdicts"),
  )

  const show = Command.make(
    "show",
    {
      record: Argument.String("record").pipe(Argument.withDescription("A record's id, or a part that no other has")),
      json,
    },
    (input) => choose({ command: "show", ...input }),
  ).pipe(
    Command.withDescription(
      "Show one record: what was requested, effective and observed, every figure, and the verdict",
    ),
    Command.withExamples([
      { command: "rigbook show smollm2", description: "Show the record whose id contains this word" },
    ]),
  )

  const card = Command.make(
    "card",
    { record: Argument.String("record").pipe(Argument.withDescription("A record's id, or a part that no other has")) },
    (input) => choose({ command: "card", ...input }),
  ).pipe(
    Command.withDescription("Print a short text about a record to paste: rig, model, figures, verdict; no names"),
    Command.withExamples([{ command: "rigbook card smollm2", description: "The card of that record" }]),
  )

  const report = Command.make(
    "report",
    {
      records: Argument.String("record").pipe(
        Argument.withDescription("Ids of records, or parts of them"),
        Argument.variadic({ min: 1 }),
      ),
      format: Flag.String("format").pipe(
        Flag.withDescription("markdown, json, csv, html, or the id of a plugin's reporter"),
        Flag.withDefault("markdown"),
      ),
      json,
    },
    (input) => choose({ command: "report", ...input }),
  ).pipe(
    Command.withDescription("Write a report of records to benchmarks/results/reports"),
    Command.withExamples([
      { command: "rigbook report smollm2 minilm", description: "One report on two records" },
      { command: "rigbook report smollm2 --format csv", description: "Its figures, for a spreadsheet" },
    ]),
  )

  return [runs, show, card, report]
}
