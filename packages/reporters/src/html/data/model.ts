import type { AnyModel, CheckedNote, Entry, RunRecord } from "@rigbook/core"
import { visible, visibleLines, weightsName } from "@rigbook/core"
import { claimText, witnessText } from "../../ClaimText.ts"
import { href } from "../../markdown/escape.ts"
import { starsWords } from "../../names.ts"
import { relativePath } from "../../paths.ts"
import type { PageModel, PageNote } from "../PageData.ts"
import { rounded } from "../rounded.ts"

const pageNote = ({ author, claims, date, path, text }: CheckedNote, folder: string): PageNote => ({
  path: visible(path),
  href: href(relativePath(folder, path)),
  text: visibleLines(text),
  ...(date === undefined ? {} : { date: visible(date) }),
  ...(author === undefined ? {} : { author: visible(author) }),
  claims: claims.map(({ claim, state, witnesses }) => ({
    claim: visible(claimText(claim)),
    state,
    witnesses: witnesses.map((witness) => ({ run: witness.record.id, text: visible(witnessText(witness)) })),
  })),
})

export const pageModel = (
  { id, name, notes, planned, ratings, records, superseded }: Entry,
  folder: string,
): PageModel => {
  const latest = records.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0)).at(-1)
  return {
    id,
    name: visible(name),
    superseded,
    ...(planned === undefined ? {} : { use: visible(planned.use) }),
    notes: notes.map((note) => pageNote(note, folder)),
    ratings: ratings.map(({ record, result, useCase }) => ({
      useCase: visible(useCase.title),
      run: record.id,
      ...("stars" in result
        ? { stars: result.stars, text: starsWords(result) }
        : { text: `not rated: ${visible(result.notRated)}` }),
    })),
    ...(latest === undefined ? {} : { facts: factsOf(latest) }),
  }
}

/** Left out where its server does not report it. */
export const bitsOf = (model: AnyModel): { readonly bits?: number } => {
  const { bitsPerWeight } = model.unpackedFrom ?? model
  return bitsPerWeight === undefined ? {} : { bits: rounded(bitsPerWeight) }
}

const factsOf = ({ cell: { license, model } }: RunRecord): NonNullable<PageModel["facts"]> => ({
  architecture: visible(model.architecture),
  ...(model.parameters === undefined ? {} : { parameters: model.parameters }),
  quantization: visible(weightsName(model)),
  ...bitsOf(model),
  ...(model.fileBytes === undefined ? {} : { fileBytes: model.fileBytes }),
  ...(model.contextLength === undefined ? {} : { context: model.contextLength }),
  ...(license === undefined ? {} : { license: visible(license) }),
})
