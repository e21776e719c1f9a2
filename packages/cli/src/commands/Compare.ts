import { Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { flag, json, optional } from "./Flags.ts"

/** Compares records. */
export const compareCommand = (choose: Choose) =>
  Command.make(
    "compare",
    {
      a: Argument.String("a").pipe(
        Argument.withDescription(
          "Before: ids of records or a part of them, a record.json, or a registry.json; of a pulled registry ORIGIN/PART",
        ),
      ),
      b: Argument.String("b").pipe(
        Argument.withDescription("After: the same; left out, the records of a on each host are compared"),
        Argument.optional,
      ),
      gate: flag("gate", "Exit with 3 for a regression, and with 1 when the result is inconclusive"),
      across: optional("across", "Compare records in spite of a difference: host, workload, verdict"),
      metrics: optional("metrics", "Ids of the metrics to compare: ttft,tpot"),
      threshold: Flag.Finite("threshold").pipe(
        Flag.withDescription("Ignore changes below this percentage"),
        Flag.withDefault(2),
      ),
      junit: optional("junit", "Write JUnit XML to this file"),
      markdown: optional("markdown", "Write a page for a pull request to this file"),
      json,
    },
    ({ across, b, junit, markdown, metrics, ...input }) =>
      choose({
        command: "compare",
        ...input,
        b: Option.getOrUndefined(b),
        across: Option.getOrUndefined(across),
        metrics: Option.getOrUndefined(metrics),
        junit: Option.getOrUndefined(junit),
        markdown: Option.getOrUndefined(markdown),
      }),
  ).pipe(
    Command.withDescription(
      "Show what changed between two records or two sets of records: by how much, how certain that is, and how small a change this many trials can detect. Records of different hosts or workloads are refused, unless they are to be compared. With one argument, a model is compared over all hosts that it was measured on, pulled registries included, and what differs between these is named: card, driver, power limit, engine.",
    ),
    Command.withShortDescription("Show what changed between records"),
    Command.withExamples([
      { command: "rigbook compare smollm2-q4 smollm2-q8", description: "Two models, by parts of their records' ids" },
      { command: "rigbook compare smollm2", description: "One model on all hosts that it was measured on" },
      {
        command: "rigbook compare ../main/models/registry.json models/registry.json --gate --markdown summary.md",
        description: "Check a change against the registry of another checkout",
      },
    ]),
  )
