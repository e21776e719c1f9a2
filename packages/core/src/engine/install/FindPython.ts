import { Effect } from "effect"
import { CommandFailed, shortCommand } from "../process/ShortCommand.ts"

/**
 * Any Python 3 of this machine that has pip: `RIGBOOK_PYTHON`, else `python3` or `python` on PATH. Fails with
 * `CommandFailed`, that of the last one tried, if none of them exists and has pip.
 */
export const findPython: Effect.Effect<string, CommandFailed> = Effect.suspend(() => {
  const named = process.env["RIGBOOK_PYTHON"]
  const candidates = named === undefined ? ["python3", "python"] : [named]
  return Effect.firstSuccessOf(
    candidates.map((name) => shortCommand(name, ["-m", "pip", "--version"]).pipe(Effect.as(name))),
  )
})
