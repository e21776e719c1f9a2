import { library } from "../../tools/tsup.ts"

// The agent is sent to the other machine, and imports nothing but Node.
export default library("src/agent/main.ts")
