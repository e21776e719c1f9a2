export * from "./OnnxRuntime.ts"
export * from "./Options.ts"
