import { Option } from "effect"
import { Argument, Command } from "effect/cli"
import { SCHEMA_NAMES } from "../Choices.ts"
import type { Choose } from "./Choose.ts"

/** Prints schemas of files. */
export const schemaCommand = (choose: Choose) =>
  Command.make(
    "schema",
    {
      file: Argument.Literals("file", SCHEMA_NAMES).pipe(
        Argument.withDescription("Kind of file; by default, list the kinds"),
        Argument.optional,
      ),
    },
    ({ file }) => choose({ command: "schema", file: Option.getOrUndefined(file) }),
  ).pipe(
    Command.withDescription("Print the JSON Schema of a file, for editors and other programs"),
    Command.withExamples([
      { command: "rigbook schema model-config", description: "What models/configs/*.yaml may hold" },
    ]),
  )
