import { Schema } from "effect"
import type { Exit } from "../Failing.ts"

/** A file that is not read: it is missing, no ordinary file, too large, nested too deep, or outside its workspace. */
export class UnreadableFile extends Schema.TaggedError<UnreadableFile>()("UnreadableFile", {
  path: Schema.String,
  /** What is wrong, as the end of a sentence whose subject is the file. */
  detail: Schema.String,
  /** What to do next, in a sentence. */
  fix: Schema.String,
  /** There is no such file. */
  missing: Schema.Boolean,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path} ${this.detail}. ${this.fix}`
  }
}
