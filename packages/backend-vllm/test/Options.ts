import { Schema } from "effect"
import { Options } from "../src/Options.ts"

export const options = Schema.decodeUnknownSync(Options)
