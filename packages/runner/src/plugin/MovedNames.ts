/**
 * Values that `@rigbook/core` 0.1 exported, by the entry point that has them now; `old=new` if the name changed as well.
 * Types don't exist at run time.
 */
export const MOVED: Readonly<Record<string, string>> = {
  "@rigbook/records": `
    agreement appendJournal appendShared appendTelemetry BadJournal BadPromptSet BadRecord BadTelemetry closestKey
    coefficientOfVariation ConfigError ConfigIssue decodeAt deriveRecord differentLines estimatesOf findingText
    findWorkspace formatIssue GOOD_SHARE hodgesLehmann holm JournalLine keepRunPlan knee KNEE_GAIN knownBytes
    mannWhitney mendJournal mendTelemetry METRICS minimumDetectableEffect NoWorkspace parseConfigFile readConfigFile
    readJournal readOutlines readPrompts readRecord readRecords readTelemetry RECORD_FILE recordFolders recordText
    rungOf runLock runProgress saturationOf seenBytes=observedBytes smallestP standardDeviation summarize syntheticSet
    TelemetryLine unfinishedFolders valuesNeeded valuesOf verifyRecord workspaceAt WorkspaceBusy
    WorkspaceConfig writeAtomically writeRecord
  `,
  "@rigbook/registry": `
    agreementOf BadImport byModel byRecord checkRegistry compare CROSSINGS equivalencesOf gate importFile
    importFolders judgedTogether makeRegistry MIN_COSINE MIN_PREFIX pairRecords parseNote readRatingRules
    renderRegistry verifyImport worstBySetup writeRegistry
  `,
  "@rigbook/runner": `
    answerRequests askForAnswers captureHost DeviceSources estimatePlanned findPlugins
    HostDescription learnedOverhead loadBackend loadCheck loadMetric loadReporter MemoryReader partsOf plan
    pluginBackends pluginParts processTree readDevices readHostDescription readPlugin resolvePlacement
    run runTrial seenOverheads=observedOverheads
  `,
}

const DOORS: ReadonlyMap<string, { readonly door: string; readonly now: string }> = new Map(
  Object.entries(MOVED).flatMap(([door, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => name.split("=") as [string, string?])
      .map(([name, now = name]) => [name, { door, now }] as const),
  ),
)

/** What Node says when a module imports a name that core no longer has. */
const NO_SUCH_NAME = /'@rigbook\/core' does not provide an export named '(\w+)'/

/** Why a plugin that was built against core 0.1 can't be loaded, and what to do; `undefined` for any other failure. */
export const movedName = (message: string): { readonly detail: string; readonly fix: string } | undefined => {
  const name = NO_SUCH_NAME.exec(message)?.[1]
  if (name === undefined) return undefined
  const moved = DOORS.get(name)
  const old = "it was built against another version of @rigbook/core"
  if (moved === undefined)
    return {
      detail: `${old}: ${name} no longer exists.`,
      fix: `Install a newer version of the plugin, or build it without ${name}.`,
    }
  const { door, now } = moved
  return {
    detail: now === name ? `${old}: ${name} is now in ${door}.` : `${old}: ${name} is now ${now}, in ${door}.`,
    fix: `Install a newer version of the plugin, or import ${now} from ${door} and build it again.`,
  }
}
