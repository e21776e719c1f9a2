// Many small units while everything that can break does: see docs/hosts.md.
// pnpm launcher-faults --launcher slurm|ssh --units 100 --seed 1
import { parseArgs } from "node:util"
import { sweep } from "./Sweep.ts"

const { values } = parseArgs({
  options: {
    launcher: { type: "string", default: "slurm" },
    units: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "6" },
    faults: { type: "string", default: "1" },
  },
})
if (values.launcher !== "slurm" && values.launcher !== "ssh") throw new Error("--launcher is slurm or ssh")
const result = await sweep({
  launcher: values.launcher,
  units: Number(values.units),
  seed: Number(values.seed),
  kills: Number(values.kills),
  faults: Number(values.faults),
  say: (line) => console.error(line),
})
console.log(
  JSON.stringify({ launcher: values.launcher, seed: Number(values.seed), units: Number(values.units), ...result }),
)
process.exitCode = result.wrong.length === 0 ? 0 : 1
