export { slurm } from "./Slurm.ts"
