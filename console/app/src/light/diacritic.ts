/** In place of the package diacritic: letters without what stands above and below them. */
export const clean = (text: string) => text.normalize('NFD').replace(/\p{Diacritic}/gu, '')
