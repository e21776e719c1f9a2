export { openai } from "./OpenAi.ts"
export { Options } from "./Options.ts"
