import type { Draw } from "./Seeded.ts"

/**
 * Words that nearly every tokenizer of English has as one token, with the space before them. The engine
 * reports the length of a text: that number, not the requested one, is in the sample.
 */
export const SYNTHETIC_WORDS: ReadonlyArray<string> = (
  "about after again all also always and another any are area around ask away back because become before began " +
  "being best better between big both boy bring build business but call came can car care case change child city " +
  "close come company could country course day did different does done door down during each early earth end enough " +
  "even ever every example eye face fact family far father feel few field find first five follow food for form found " +
  "four free friend from full gave get girl give going good got government great group grow had half hand hard has " +
  "have head hear heard help her here high him his home hope hour house how however idea important into its just " +
  "keep kind knew know land large last late later law lead learn leave left let life light like line list little " +
  "live local long look lost lot love made main make man many may mean men might mind money month more morning most " +
  "mother move much music must name national near need never new next night not nothing now number off often old " +
  "once one only open order other our out over own page part party past pay people person place plan play point " +
  "power present problem program public put question rather read real really red report rest result right river room " +
  "run said same saw say school sea second see seem seen set several she should show side since small social some " +
  "something soon sound start state still stop story street strong study such sure system take talk tell ten than " +
  "that the their them then there these they thing think this those though thought three through time today together " +
  "told too took toward town tree true try turn two under until upon use very voice wait walk want war was watch " +
  "water way week well went were what when where which while white who whole why will with within without woman word " +
  "work world would write year yes yet you young your"
).split(" ")

/** Text of about this many tokens, different for every draw: it shares no prefix with what a cache may hold. */
export const syntheticText = (tokens: number, draw: Draw): string =>
  Array.from({ length: tokens }, () => SYNTHETIC_WORDS[Math.floor(draw() * SYNTHETIC_WORDS.length)]!).join(" ")

/** Changes when the texts do, so that they count as another prompt set then. */
export const SYNTHETIC = "synthetic-1"

/** Five bytes each, held until the trial ends: texts are made before it begins, so that making them takes none of its time. */
const MOST_TOKENS = 2 ** 28

/** Why so many tokens of text can't be generated for one trial, and the field that causes it; `undefined` if they can. */
export const tooMuchText = (tokens: number): { readonly field: string; readonly detail: string } | undefined =>
  tokens <= MOST_TOKENS
    ? undefined
    : {
        field: "requests",
        detail: `a trial of it has about ${Math.round(tokens).toLocaleString("en")} tokens of generated text, and may have ${MOST_TOKENS.toLocaleString("en")}: request fewer or shorter ones`,
      }
