import type { Backend } from "./Backend.ts"

/** A backend as it is given: it lets the compiler find `Config`, and what `open` and `send` are given by it. */
export const makeBackend = <Config, R = never>(backend: Backend<Config, R>): Backend<Config, R> => backend
