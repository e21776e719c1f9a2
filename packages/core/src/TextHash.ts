import { hash as hashOf } from "node:crypto"

/** SHA-256 (hex) of a short text. */
export const textSha256 = (text: string): string => hashOf("sha256", text)
