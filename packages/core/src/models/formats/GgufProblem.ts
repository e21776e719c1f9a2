import { BadModel } from "../../runtime/BackendError.ts"

export const AGAIN = "Fetch the file again: it was probably cut off on its way."

export const bad = (detail: string, fix: string): BadModel => new BadModel({ detail, fix })
