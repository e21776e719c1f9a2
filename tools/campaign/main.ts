/**
 * Injects faults into Rigbook and looks for what may never happen: `pnpm campaign --seed 1 --faults 1000`.
 * Exit code 1 if anything was found; each find is printed with the command that repeats it.
 */
import { parseArgs } from "node:util"
import { makeTestbed } from "./Testbed.ts"
import { campaign, type FoundFault, type Outcome } from "./Campaign.ts"
import { INVARIANTS } from "./Fault.ts"
import { canMount } from "./kinds/Disk.ts"
import { ALL_KINDS, KINDS } from "./Kinds.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    faults: { type: "string" },
    kind: { type: "string", multiple: true },
    /** One case, as a find prints it. */
    case: { type: "string" },
    /** The program from its source, in place of what is built. */
    source: { type: "boolean", default: false },
    first: { type: "boolean", default: false },
    tries: { type: "string", default: "25" },
  },
})

const kinds = values.kind === undefined ? KINDS : ALL_KINDS.filter(({ name }) => values.kind!.includes(name))
if (kinds.length === 0) throw new Error(`Kinds of faults are: ${ALL_KINDS.map(({ name }) => name).join(", ")}.`)

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const tell = ({ fault, kind, violation: { detail, invariant } }: FoundFault): void =>
  void process.stdout.write(
    `VIOLATION of ${invariant} (${INVARIANTS[invariant]})\n  ${detail}\n  pnpm campaign --kind ${kind} --case ${shellQuoted(JSON.stringify(fault))}\n`,
  )

const table = ({ counts }: Outcome): string => {
  const sum = (of: "injections" | "programs" | "violations") => counts.reduce((all, count) => all + count[of], 0)
  const rows = [
    ...counts,
    { kind: "all", injections: sum("injections"), programs: sum("programs"), violations: sum("violations") },
  ]
  return [
    "| fault | injections | runs of the program | violations |",
    "| :---- | ---------: | ------------------: | ---------: |",
    ...rows.map((row) => `| ${row.kind} | ${row.injections} | ${row.programs} | ${row.violations} |`),
  ].join("\n")
}

if (!canMount)
  process.stderr.write("unshare -rm is refused here: full and read-only disks are counted, and not injected.\n")
const testbed = await makeTestbed(values.source ? "source" : "built")
try {
  if (values.case !== undefined) {
    const { violations } = await testbed.inject(kinds[0]!, JSON.parse(values.case))
    for (const { detail, invariant } of violations) process.stdout.write(`VIOLATION of ${invariant}\n  ${detail}\n`)
    process.exitCode = violations.length > 0 ? 1 : 0
  } else {
    const began = performance.now()
    const outcome = await campaign(testbed, {
      seed: Number(values.seed),
      kinds,
      faults: values.faults === undefined ? (values.minutes === undefined ? 1000 : Infinity) : Number(values.faults),
      minutes: values.minutes === undefined ? Infinity : Number(values.minutes),
      tries: Number(values.tries),
      first: values.first,
      onFound: tell,
      onInjected: (injected, found) => {
        if (injected % 50 === 0) process.stderr.write(`${injected} faults, ${found} violations\n`)
      },
    })
    process.stdout.write(
      `${table(outcome)}\nSeed ${values.seed}, ${Math.round((performance.now() - began) / 1000)} s.\n`,
    )
    process.exitCode = outcome.found.length > 0 ? 1 : 0
  }
} finally {
  await testbed.close()
}
