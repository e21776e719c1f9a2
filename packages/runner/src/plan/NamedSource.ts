import type { ModelSource } from "@rigbook/core"

/** The source whose files a config names, and its path in the config: for a quantized one, what it is made from. */
export const namedSource = (source: ModelSource) =>
  "quantized" in source
    ? { at: ["source", "quantized", "from"], named: source.quantized.from }
    : { at: ["source"], named: source }
