export { llamacpp } from "./LlamaCpp.ts"
export { Options } from "./Options.ts"
