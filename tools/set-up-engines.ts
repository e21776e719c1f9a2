/** Before the tests with real engines: installs all of them once, rather than in two files at the same time. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"

/** Every project that needs engines loads this file again. */
const shared = globalThis as { areEnginesSetUp?: boolean }

export default (): void => {
  if (shared.areEnginesSetUp === true) return
  const rigbook = join(import.meta.dirname, "rigbook.ts")
  const stdio = ["ignore", "ignore", "inherit"] as const
  const engines = ["llamacpp", "onnxruntime", "sentence-transformers", "vllm"]
  execFileSync(process.execPath, [rigbook, "setup", ...engines], { stdio: [...stdio] })
  shared.areEnginesSetUp = true
}
