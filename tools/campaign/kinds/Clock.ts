import { kind } from "../Fault.ts"

interface Case {
  readonly config: "a" | "b"
  readonly jumps: ReadonlyArray<{ readonly afterMs: number; readonly byMs: number }>
}

const DAY_MS = 86_400_000

/** The wall clock jumps while a cell is measured: an hour back, a day on, to 1970. */
export const clock = kind<Case>({
  name: "clock",
  share: 6,
  draw: (draws) => ({
    config: draws.pick(["a", "b"] as const),
    jumps: draws.list(1, 3, () => ({
      afterMs: draws.int(0, 400),
      byMs: draws.pick([-20_000 * DAY_MS, -DAY_MS, -3_600_000, -1, 1_000, DAY_MS, 100_000 * DAY_MS]),
    })),
  }),
  inject: async ({ config, jumps }, testbed) => {
    const { code, stderr, stdout } = await testbed.command(["run", config, "--fresh", "--json"], { jumps })
    if (code !== 0) testbed.violated("usable", `run: exit ${code}: ${stderr.slice(-300)}`)
    for (const [, figure] of stdout.matchAll(/"(?:median|mean|low|high)": (-?[\d.e+]+)/g))
      if (Number(figure) < 0) testbed.violated("no-foreign-figure", `a figure is negative: ${figure}`)
    await testbed.settled([config])
  },
})
