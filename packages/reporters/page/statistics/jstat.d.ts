/** jStat comes without types; `Distributions.ts` says what is used of it. */
declare module "jstat"
