import { BadModel } from "../../runtime/BackendError.ts"

export const AGAIN = "Download the file again: it is probably incomplete."

export const bad = (detail: string, fix: string): BadModel => new BadModel({ detail, fix })
