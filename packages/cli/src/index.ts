export type { Action, ActionOf } from "./Action.ts"
export { backends } from "./Backends.ts"
export { parse } from "./Parse.ts"
export { reporters } from "./Reporters.ts"
