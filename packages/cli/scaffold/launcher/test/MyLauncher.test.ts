import { NodeServices } from "@effect/platform-node"
import { launcherSuite } from "@rigbook/testkit"
import { subject } from "../src/check.ts"
import { myLauncher } from "../src/index.ts"

launcherSuite(myLauncher.id, NodeServices.layer, subject)
