// What the command line does first, so that programs of this folder start as it does. It has no effect as a flag of Node.
import { setFlagsFromString } from "node:v8"

setFlagsFromString("--semi-space-growth-factor=1")
setFlagsFromString("--no-parallel-scavenge")
