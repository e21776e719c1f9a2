export { Options } from "./Options.ts"
export { vllm } from "./Vllm.ts"
