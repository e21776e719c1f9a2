import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Files that take minutes: they start vLLM, publish all packages, or watch a whole run in a browser. */
const LONG = /vllm|Publishing|Unpacked|OpenAi|Replicas|Serve/i

/** Starts what takes longest first, so that no worker begins a long file when the others have ended. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): number => Number(LONG.test(moduleId))
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || isLong(b) - isLong(a))
  }
}

const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder
