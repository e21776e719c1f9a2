import { fileURLToPath } from "node:url"

/** The files of a new workspace, copied here by the build. */
export const TEMPLATE = fileURLToPath(new URL("../template", import.meta.url))

/** The sources of a new plugin, by its kind. They are tested here unchanged. */
export const SCAFFOLDS = fileURLToPath(new URL("../scaffold", import.meta.url))

/** Descriptions of common machines, copied here by the build. */
export const HOSTS = fileURLToPath(new URL("../hosts", import.meta.url))
