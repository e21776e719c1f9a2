import { metricSuite } from "@rigbook/testkit"
import { examples } from "../src/check.ts"
import { myMetric } from "../src/index.ts"

metricSuite(myMetric, examples)
