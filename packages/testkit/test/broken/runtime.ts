import { NotInstalled, Runtime } from "@rigbook/core"
import { Effect } from "effect"
import { fakeModel, fakeRuntime } from "../../src/index.ts"
import { type Broken, crashed, fail } from "./Broken.ts"

let turn = 0

/** Faults of what is found on the machine: the program, the options that it has, and a model's files. */
export const IN_RUNTIME: ReadonlyArray<Broken> = [
  {
    fault: "it finds another program each time",
    with: () => ({
      probe: ({ probeFails }) =>
        probeFails === undefined ? Effect.sync(() => fakeRuntime({ version: `${turn++}` })) : missing,
    }),
    fails: "finds the same program twice",
    says: /another program the second time/,
  },
  {
    fault: "a missing program crashes it",
    with: ({ probe }) => ({ probe: (config) => Effect.mapError(probe(config), () => fail(crashed)) }),
    fails: "reports a missing program as NotInstalled",
    says: /fails with Crashed, but must fail with NotInstalled/,
  },
  {
    fault: "it finds a program that is not there",
    with: () => ({ probe: () => Effect.succeed(new Runtime(fakeRuntime())) }),
    fails: "reports a missing program as NotInstalled",
    says: /probe finds fake-engine though it does not exist/,
  },
  {
    fault: "it skips options that can't be",
    with: () => ({ machine: {} }),
    fails: "reports unsupported options",
    says: /accepted silently: report them in check/,
  },
  {
    fault: "it does not hash the model's files",
    with: ({ inspect }) => ({ inspect: (files) => Effect.map(inspect(files), () => fakeModel({ sha256: "unknown" })) }),
    fails: "reads what a model is from its files",
    says: /gives "unknown" as the model's SHA-256/,
  },
  {
    fault: "it takes any file for a model",
    with: () => ({ inspect: () => Effect.succeed(fakeModel()) }),
    fails: "reports a file that is not a model as BadModel",
    says: /finds a model in a file that has none/,
  },
  {
    fault: "it throws at a file that is no model",
    with: ({ inspect }) => ({ inspect: (files) => Effect.orDie(inspect(files)) }),
    fails: "reports a file that is not a model as BadModel",
    says: /The plugin threw/,
  },
  {
    fault: "options that can't be honoured crash it",
    with: (backend) => ({
      machine: {},
      open: (input) => (input.config.unfit === undefined ? backend.open(input) : Effect.fail(fail(crashed))),
    }),
    fails: "reports unsupported options",
    says: /does not support .*Crashed.*Unsupported/,
  },
]

const missing = Effect.fail(fail(new NotInstalled({ detail: "There is none.", fix: "Install it." })))
