/** Set up by vitest.config.ts for each file: helpers are loaded once for several files, and could only see to the first. */
import { afterAll } from "vitest"
import { removeFolders } from "./TemporaryWorkspace.ts"

afterAll(removeFolders)
