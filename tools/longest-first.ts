import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Files that take long, the longest first, as the end of a whole round lists them. */
const LONGEST = [
  "backend-vllm/test/Conformance",
  "test/Publishing",
  "backend-vllm/test/Vllm",
  "test/Servers",
  "backend-vllm/test/Split",
  "test/Replicas",
  "cli/test/Vllm",
  "cli/test/Serve",
  "test/SentenceTransformers",
  "test/OnnxEquality",
  "backend-vllm/test/Unpack",
  "cli/test/Quantizations",
  "cli/test/Interruption",
  "cli/test/Tune",
  "launcher-ssh/test/FarRun",
  "launcher-ssh/test/Ssh",
  "cli/test/Walk",
  "cli/test/Add",
  "cli/test/Plugins",
  "cli/test/Quality",
  "launcher-slurm/test/Nodes",
  "backend-llamacpp/test/Demand",
  "backend-sentence-transformers/test/worker",
  "vulkan/VulkanPlacement",
  "cli/test/Worker",
  "cli/test/Traces",
  "cli/test/Divergence",
  "cli/test/Derive",
  "cli/test/Setup",
  "test/campaign",
  "cli/test/Synthetic",
  "cli/test/Failures",
  "docs/CodeBlocks",
  "test/LeavingBackends",
  "test/BrokenBackends",
  "launcher-ssh/test/Agent",
  "test/run/RunCut",
  "test/http-engine",
  "test/LauncherSuite",
  "test/BackendSuite",
  "statistics/Trials",
  "comparison/Compare.simulation",
  "verdict/VerdictCauses",
  "plan/SameAsRun",
]

/** Starts what takes longest first, so that no worker begins a long file when the others have ended. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}

const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONGEST.findIndex((name) => moduleId.includes(`${name}.`))
  return rank < 0 ? LONGEST.length : rank
}
