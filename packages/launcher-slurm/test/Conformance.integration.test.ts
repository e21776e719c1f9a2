import { NodeServices } from "@effect/platform-node"
import { launcherSuite } from "@rigbook/testkit"
import { Effect } from "effect"
import { slurmRig } from "./SlurmRig.ts"
import { slurmSubject } from "./Subject.ts"

launcherSuite<unknown, never, NodeServices.NodeServices>(
  "slurm",
  NodeServices.layer,
  Effect.andThen(slurmRig, slurmSubject("cpu")),
)
