import { Option } from "effect"
import { Argument, Command } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { json, optional } from "./Flags.ts"

/** Takes records of other people's registries, and publishes one's own. */
export const sharingCommands = (choose: Choose) => {
  const pull = Command.make(
    "pull",
    {
      sources: Argument.String("source").pipe(
        Argument.withDescription(
          "A folder with a registry, a git repository (https, ssh or a folder), or a folder of an added host, as NAME:FOLDER",
        ),
        Argument.variadic({ min: 1 }),
      ),
      name: optional("as", "What the registry is called here; by default as its folder or repository"),
      json,
    },
    ({ name, ...input }) => choose({ command: "pull", ...input, name: Option.getOrUndefined(name) }),
  ).pipe(
    Command.withDescription(
      "Take the records of other people's registries into this one, each verified on the way; one that does not agree with its samples is refused with file and line. They are kept apart by origin and host in benchmarks/results/pulled, and shown beside your own. A second pull takes what is new. Without a workspace, one is made that shows nothing else: a gallery.",
    ),
    Command.withShortDescription("Take records of other registries, verified"),
    Command.withExamples([
      { command: "rigbook pull https://git.example.org/alice/rig.git", description: "A registry that was published" },
      { command: "rigbook pull ../desktop ../cellar", description: "Two registries beside this one" },
      { command: "rigbook pull cellar:bench --as cellar", description: "A workspace on a machine that was added" },
    ]),
  )

  const push = Command.make(
    "push",
    {
      folder: Argument.String("folder").pipe(
        Argument.withDescription("Where it is written: a new folder, or one that was pushed to before"),
      ),
      mask: optional("mask", "Further words to mask, such as names of projects: word,word"),
      json,
    },
    ({ mask, ...input }) => choose({ command: "push", ...input, mask: Option.getOrUndefined(mask) }),
  ).pipe(
    Command.withDescription(
      "Write your own records, with samples, reports and a registry, into a folder that can be published. Names of machines and users, paths, addresses and tokens are masked, and every record is verified as it is written; one that can't be masked is left out.",
    ),
    Command.withShortDescription("Write a folder that can be published, with names masked"),
    Command.withExamples([
      { command: "rigbook push ../my-rig", description: "A folder to commit, and to publish" },
      { command: "rigbook push ../my-rig --mask acme,orion", description: "Without these words either" },
    ]),
  )

  return [pull, push]
}
