import type { DemandPart, ModelFacts } from "@rigbook/core"

/**
 * Architectures whose graph's widest point differs from a plain transformer's: counts of hidden states, and of
 * widths of the network that makes a recurrent layer's state. Fitted to the output of llama-fit-params of build 11669
 * (`test/recorded/fit-modern.txt`).
 */
export interface Graph {
  /** Matrices of the feed-forward network whose results exist at the same time; 3 with a gate. */
  readonly matrices?: number
  /** On one device, beside the scores. */
  readonly single?: number
  /** On the first of several, beside the feed-forward network and, unless they are fused, the queries. */
  readonly first?: number
  readonly fusedQueries?: true
  readonly firstInner?: number
  /** On the last of several, beside the scores. */
  readonly last?: number
  readonly lastInner?: number
  /** Further states of the inputs, and copies of the inputs of all layers, where layers have their own. */
  readonly inputs?: number
  readonly perLayerFirst?: number
  readonly perLayerLast?: number
  /**
   * On one device the allocator may reuse the masks' memory for the scores: states beside
   * the scores while the masks are narrower than this.
   */
  readonly jumps?: ReadonlyArray<readonly [masks: number, states: number]>
}

/** Architectures whose memory was compared with the engine's own figures, graph and all. */
const MEASURED: Readonly<Record<string, Graph>> = {
  cohere2: { first: 16 },
  deepseek2: {},
  "falcon-h1": { first: 16, last: 10 },
  gemma3: {},
  gemma3n: {
    jumps: [
      [3, 6],
      [11.5, 1.5],
      [20, 15.5],
      [Infinity, 1],
    ],
    first: 47,
    fusedQueries: true,
    last: 41,
    inputs: 1,
    perLayerFirst: 5,
    perLayerLast: 6,
  },
  gemma4: { perLayerFirst: 5, perLayerLast: 2 },
  glm4moe: {},
  "gpt-oss": {},
  granitehybrid: { firstInner: 9.3, lastInner: 8.3 },
  "granitehybrid of experts": { first: 23, last: 11 },
  jamba: { first: 23, last: 15, fusedQueries: true },
  lfm2: { first: 16, fusedQueries: true, last: 11 },
  lfm2moe: { fusedQueries: true, last: 10 },
  llama: {},
  llama4: { first: 16, last: 12 },
  mamba: { first: 15, firstInner: 9, lastInner: 8.5 },
  mamba2: { single: 5, firstInner: 9.8, lastInner: 8.7 },
  "minimax-m2": {},
  nemotron_h: { matrices: 2, firstInner: 9.4, lastInner: 9.5 },
  nemotron_h_moe: { matrices: 2, last: 10 },
  olmoe: {},
  phi3: { fusedQueries: true, last: 11 },
  qwen2: {},
  qwen3: {},
  qwen35: { fusedQueries: true },
  qwen35moe: { first: 23, fusedQueries: true, last: 10 },
  qwen3moe: { first: 23 },
  qwen3next: { first: 26, fusedQueries: true, last: 10 },
}

/**
 * Architectures whose layers' caches are known: they use those that `KvCache.ts` counts.
 * Source: `llama_model::create_memory` in llama.cpp's `src/llama-model.cpp`. Their graphs were not measured.
 */
const READ = new Set(
  `afmoe apertus arcee arctic arwkv7 baichuan bailingmoe bailingmoe2 bailingmoe3 bitnet bloom chameleon
   chatglm codeshell cohere2moe command-r dbrx deepseek dots1 dream ernie4_5 ernie4_5-moe exaone
   exaone-moe exaone4 falcon gemma gemma-embedding gemma2 glm4 gpt2 gptj gptneox granite granitemoe
   grok grovemoe hunyuan-dense hunyuan-moe hy_v3 internlm2 jais kimi-linear laguna llada llada-moe
   llama-embed maincoder mellum mimo2 minicpm minicpm3 minimax-01 mistral3 mistral4 mpt muse-glimmer
   nemotron olmo olmo2 openelm orion pangu-embedded phi2 phimoe plamo plamo2 plamo3 plm qwen qwen2moe
   qwen2vl qwen3vl qwen3vlmoe refact rnd1 rwkv6 rwkv6qwen2 rwkv7 seed_oss smallthinker smollm3 stablelm
   starcoder starcoder2 step35 xverse`.split(/\s+/),
)

type Facts = Pick<ModelFacts, "architecture" | "assumed" | "experts">

export const graphOf = ({ architecture, experts }: Facts): Graph =>
  (experts === undefined ? undefined : MEASURED[`${architecture} of experts`]) ?? MEASURED[architecture] ?? {}

const known = ({ architecture }: Facts): boolean => MEASURED[architecture] !== undefined || READ.has(architecture)

/** What a part is based on: a formula, or assumptions. */
type Ground = Pick<DemandPart, "basis" | "notes">

const ground = (reasons: ReadonlyArray<string>): Ground =>
  reasons.length === 0
    ? { basis: "formula" }
    : { basis: "heuristic", notes: reasons.map((reason) => `assumed: ${reason}`) }

/** For the caches of layers. */
export const memoryGround = (model: Facts): Ground =>
  ground([
    ...(known(model)
      ? []
      : [`that layers cache what a plain transformer's do: architecture ${model.architecture} is unknown to Rigbook`]),
    ...(model.assumed ?? []),
  ])

/** For the compute buffers. */
export const graphGround = (model: Facts): Ground =>
  ground([
    ...(MEASURED[model.architecture] === undefined
      ? [`the graph of a plain transformer: architecture ${model.architecture} was not measured`]
      : []),
    ...(graphOf(model).jumps !== undefined
      ? ["a figure that changes in steps with the context, measured at eleven contexts"]
      : []),
  ])
