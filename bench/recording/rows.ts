/** The rows of a recording, as its format has them. */
export const ROW_LENGTH_MAX = 2 ** 20;

/**
 * Calls `onRow` with the cells of the named columns, and the line they are on.
 *
 * @throws {Complaint}
 */
export type RowReader = (
  path: string,
  text: AsyncIterable<string>,
  names: readonly string[],
  onRow: (cells: readonly unknown[], line: number) => void,
) => Promise<void>;
