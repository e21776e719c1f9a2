import { reporterSuite } from "@rigbook/testkit"
import { myReporter } from "../src/index.ts"

reporterSuite(myReporter)
