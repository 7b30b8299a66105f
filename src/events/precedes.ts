/**
 * Of two entries due at the same time, whether the first goes first. An entry is a number that its
 * owner understands, such as a slot; an entry goes before itself.
 */
export type Precedes = (id: number, other: number) => boolean;
