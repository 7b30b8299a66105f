/** What stands between the bench and whoever reads it. */

const COLUMNS = 100;

export function columnsToFill(): number {
  return process.stdout.columns ?? (Number(process.env.COLUMNS) || COLUMNS);
}

/** `pnpm bench | head` has read enough. */
export function endWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}
