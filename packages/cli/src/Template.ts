import { fileURLToPath } from "node:url"

/** The files of a new workspace, copied here by the build. */
export const TEMPLATE = fileURLToPath(new URL("../template", import.meta.url))
