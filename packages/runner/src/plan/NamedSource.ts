import type { ModelSource } from "@rigbook/core"

/** The source whose files a config names, and where it stands: of a quantized one, what that is made of. */
export const namedSource = (source: ModelSource) =>
  "quantized" in source
    ? { at: ["source", "quantized", "from"], named: source.quantized.from }
    : { at: ["source"], named: source }
