import { Effect } from "effect"
import { CommandFailed, shortCommand } from "../process/ShortCommand.ts"

/**
 * Any Python 3 of this machine that has pip: `RIGBOOK_PYTHON`, else `python3` or `python` on PATH. Fails with
 * `CommandFailed`, that of the last one tried, if none of them exists and has pip.
 */
export const findPython: Effect.Effect<string, CommandFailed> = Effect.suspend(() => {
  const named = process.env["RIGBOOK_PYTHON"]
  const candidates = named === undefined ? ["python3", "python"] : [named]
  return Effect.firstSuccessOf(candidates.map((name) => shortCommand(name, pip("--version")).pipe(Effect.as(name))))
})

/**
 * The arguments by which a Python runs `code`: like `-c`, but nothing is imported from the current folder, which may be a
 * workspace of others with a `json.py` in it. Python has an option for that only from 3.11 on.
 */
export const pythonCode = (code: string, ...args: ReadonlyArray<string>): ReadonlyArray<string> => [
  "-c",
  `import sys\nsys.path[:] = [folder for folder in sys.path if folder]\n${code}`,
  ...args,
]

/** The arguments by which a Python runs its pip, by the same rule. */
export const pip = (...args: ReadonlyArray<string>): ReadonlyArray<string> =>
  pythonCode("import runpy\nrunpy.run_module('pip', run_name='__main__', alter_sys=True)", ...args)
