/** A package, or one of its doors: what others import by one name. */
export interface Door {
  /** As it is imported. */
  readonly name: string
  /** Its sources, from the root of the checkout. */
  readonly folder: string
  /** Who opens it. */
  readonly reader: string
  /** The doors that its sources may import. Nothing else is allowed. */
  readonly imports: ReadonlyArray<string>
  /** Most public names that it may have; left out where nothing limits them. */
  readonly cap?: number
}

const CORE = "@rigbook/core"
const ENGINE = "@rigbook/core/engine"
const MODELS = "@rigbook/core/models"
const RECORDS = "@rigbook/records"
const REGISTRY = "@rigbook/registry"
const RUNNER = "@rigbook/runner"
const REPORTERS = "@rigbook/reporters"

const backend = (id: string): Door => ({
  name: `@rigbook/backend-${id}`,
  folder: `packages/backend-${id}/src`,
  reader: `whoever runs models in this engine`,
  imports: [CORE, ENGINE, MODELS],
})

/** The plan of the house: each package and door, and which others it may import. */
export const DOORS: ReadonlyArray<Door> = [
  // Launchers, vendors, datasets, orders and servers of others, and what can be tuned are contracts, and bring the schemas
  // that they name; every package reads files within the same limits, and shows texts of others without secrets and what steers a terminal. A
  // backend may be written in promises, a reporter give bytes, and a metric have options. A config's file has variants and
  // sets of scenarios. A scenario may be a conversation, whose turns a record has, and an engine may draft tokens. A unit
  // may have several machines.
  { name: CORE, folder: "packages/core/src", reader: "everyone: contracts and facts", imports: [], cap: 300 },
  {
    name: ENGINE,
    folder: "packages/core/src/engine",
    reader: "authors of backends: processes, the HTTP client, Python",
    imports: [CORE],
    cap: 62, // workers answer lines, and those that embed share one protocol; files are unpacked once; C libraries are called; whoever writes or locks files names its process, ends what a killed one left, and explains the disk
  },
  {
    name: MODELS,
    folder: "packages/core/src/models",
    reader: "authors of backends: model files, read, found, made up",
    imports: [CORE, ENGINE],
    cap: 15,
  },
  {
    name: RECORDS,
    folder: "packages/records/src",
    reader: "whoever reads results: from a journal to a record, from disk alone",
    imports: [CORE, ENGINE, MODELS],
    cap: 120, // what comes from other machines and registries is verified, refused, shared and known by its origin; registries and pages compare samples by one test; a file has several configs, and plugins bring scenarios; names that are unknown are answered alike; launchers know the claim on a folder
  },
  {
    name: REGISTRY,
    folder: "packages/registry/src",
    reader: "whoever compares: what records say together",
    imports: [CORE, RECORDS],
    cap: 42, // models are compared over hosts; pages need to know which configs are one model and what each loses, and a registry is released
  },
  {
    name: RUNNER,
    folder: "packages/runner/src",
    reader: "whoever measures: plans and runs cells on a machine",
    imports: [CORE, ENGINE, MODELS, RECORDS],
    // Backends are tried with what restricts a child process, screens name devices, faults are traced to plugins, units are
    // launched, a search is given its results, and plugins bring vendors.
    cap: 93,
  },
  {
    name: REPORTERS,
    folder: "packages/reporters/src",
    reader: "whoever renders: markdown, JSON, CSV and the page",
    imports: [CORE, RECORDS, REGISTRY],
  },
  ...["llamacpp", "onnxruntime", "openai", "sentence-transformers", "vllm"].map(backend),
  {
    name: "@rigbook/launcher-slurm",
    folder: "packages/launcher-slurm/src",
    reader: "whoever runs cells as jobs of a Slurm cluster",
    imports: [CORE, ENGINE, RECORDS, RUNNER],
  },
  {
    name: "@rigbook/launcher-ssh",
    folder: "packages/launcher-ssh/src",
    reader: "whoever runs cells on machines that ssh reaches",
    imports: [CORE, ENGINE, RECORDS, RUNNER],
  },
  {
    name: "@rigbook/testkit",
    folder: "packages/testkit/src",
    reader: "authors of plugins: conformance suites and fakes",
    imports: [CORE, ENGINE, MODELS, RECORDS, REGISTRY, RUNNER],
  },
  {
    name: "rigbook",
    folder: "packages/cli/src",
    reader: "the command line",
    imports: [CORE, ENGINE, MODELS, RECORDS, REGISTRY, RUNNER, REPORTERS], // backends are plugins: nothing names them
  },
]
