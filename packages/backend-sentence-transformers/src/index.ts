export * from "./Options.ts"
export * from "./SentenceTransformers.ts"
