/** How work slows when more of it goes on at once. */

export interface Scalability {
  /** Each other piece of work makes this one wait for what only one can have at a time. */
  readonly contention: number;
  /** Each pair of pieces has to agree with each other. */
  readonly coherency: number;
}

/**
 * How many times as long a piece of work takes with `concurrency` of them going on, itself included:
 * 1 + α (n − 1) + β n (n − 1), with α the contention and β the coherency. So n workers do
 * n ÷ (1 + α (n − 1) + β n (n − 1)) times the work of one, which for β > 0 falls beyond √((1 − α) ÷ β).
 *
 * The universal scalability law: N. J. Gunther, "A General Theory of Computational Scalability Based on
 * Rational Functions", 2008, https://arxiv.org/abs/0808.1431
 */
export function slowdownAt(concurrency: number, { contention, coherency }: Scalability): number {
  const others = concurrency - 1;
  return 1 + contention * others + coherency * concurrency * others;
}
