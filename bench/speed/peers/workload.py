"""What the programs in Python share: the workload, the counts, and the report. See workload.ts."""

import json
import sys

GIVEN = json.loads(sys.argv[1])


class Books:
    """Counts what happens, and closes a batch whenever it is told to."""

    __slots__ = ("calls", "attempts", "answered", "lost", "response_seconds", "closed")

    def __init__(self):
        self.calls = 0
        self.attempts = 0
        self.answered = 0
        self.lost = 0
        self.response_seconds = 0.0
        self.closed = []

    def close(self):
        """Everything so far, as a batch that begins with the run."""
        self.closed.append(
            {
                "calls": self.calls,
                "attempts": self.attempts,
                "answered": self.answered,
                "lost": self.lost,
                "responseSeconds": self.response_seconds,
            }
        )

    def report(self, version, cpu_seconds):
        batches = [
            {key: batch[key] - before[key] for key in batch}
            for before, batch in zip(self.closed, self.closed[1:])
        ]
        events = self.attempts + 2 * self.answered
        told = {"version": version, "cpuSeconds": cpu_seconds, "events": events, "batches": batches}
        print(json.dumps(told))


def end_seconds():
    """A second more, for the last batch to close."""
    return GIVEN["warmUpSeconds"] + GIVEN["batches"] * GIVEN["batchSeconds"] + 1
