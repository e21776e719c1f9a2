import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { json } from "./Flags.ts"

/** Keeps the machines that cells can run on. */
export const hostCommand = (choose: Choose) => {
  const name = Argument.String("name").pipe(Argument.withDescription("Name of the host, as configs and --on name it"))

  const hostAdd = Command.make(
    "add",
    {
      name,
      address: Argument.String("address").pipe(
        Argument.withDescription("Where it is: for ssh user@box, ssh://user@box:port, or a name of your ssh config"),
      ),
      launcher: Flag.String("launcher").pipe(
        Flag.withDescription("Id of the launcher that reaches it"),
        Flag.withDefault("ssh"),
      ),
      json,
    },
    (input) => choose({ command: "host add", ...input }),
  ).pipe(
    Command.withDescription(
      "Connect to a machine, bring Rigbook there, show its devices and engines, and keep it under a name. The address is kept in your own config folder: it is in no workspace and in no record.",
    ),
    Command.withShortDescription("Add a machine that cells can run on"),
    Command.withExamples([{ command: "rigbook host add my-server me@box", description: "A machine that ssh reaches" }]),
  )

  const hostList = Command.make("list", { json }, (input) => choose({ command: "host list", ...input })).pipe(
    Command.withDescription("List the hosts that were added, with their devices"),
  )

  const hostRemove = Command.make("remove", { name, json }, (input) =>
    choose({ command: "host remove", ...input }),
  ).pipe(Command.withDescription("Forget a host; nothing on it is touched"))

  const hostStop = Command.make("stop", { name, json }, (input) => choose({ command: "host stop", ...input })).pipe(
    Command.withDescription("Cancel what this workspace runs on a host: when it returns, nothing of it runs there"),
  )

  return Command.make("host").pipe(
    Command.withDescription("Add and list machines that cells can run on, or cancel what runs there"),
    Command.withSubcommands([hostAdd, hostList, hostRemove, hostStop]),
  )
}
