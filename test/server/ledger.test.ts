/** The server's books balance, or the run stops. */
import { describe, expect, test } from "vitest";
import { Ledger } from "../../src/server/ledger.ts";
import { Reception } from "./reception.ts";

/** One request, there from 10 to 30 µs and served. */
function oneServed(): Ledger {
  const ledger = new Ledger();
  ledger.enter(10);
  ledger.served++;
  ledger.leave(30, 10);
  return ledger;
}

describe("the ledger", () => {
  test("balances when everything that came is gone or still held", () => {
    const ledger = oneServed();
    ledger.check(40, []);
    ledger.enter(50);
    ledger.enter(50);
    ledger.check(60, [50, 50]);
    ledger.rejected++;
    ledger.leave(70, 50);
    ledger.check(80, [50]);
    ledger.failed++;
    ledger.leave(90, 50);
    ledger.check(1_000, []);
    expect(ledger).toMatchObject({ arrived: 3, served: 1, rejected: 1, failed: 1 });
  });

  test.each<[string, (ledger: Ledger) => void, readonly number[], string]>([
    ["a request lost", (ledger) => ledger.enter(50), [], "2 arrived, 1 left, 0 present"],
    ["a request that never came", () => {}, [50], "1 arrived, 1 left, 1 present"],
    ["a request gone without an end", (ledger) => ledger.leave(40, 10), [], "of presence"],
    ["an end without a request", (ledger) => void ledger.served++, [], "1 arrived, 2 left"],
    ["a request counted twice", (ledger) => void ledger.arrived++, [], "2 arrived, 1 left"],
    [
      "a sojourn a microsecond too short (Little)",
      (ledger) => {
        ledger.enter(50);
        ledger.served++;
        ledger.leave(60, 51);
      },
      [],
      "30 µs of presence, 29 µs of sojourn",
    ],
    [
      "a request held that came at another time (Little)",
      (ledger) => ledger.enter(50),
      [51],
      "70 µs of presence, 69 µs of sojourn",
    ],
  ])("complains about %s", (_what, spoil, held, complaint) => {
    const ledger = oneServed();
    spoil(ledger);
    expect(() => ledger.check(100, held)).toThrow("Conservation broken at the server: ");
    expect(() => ledger.check(100, held)).toThrow(complaint);
  });
});

describe("the server's check", () => {
  const full = {
    queue: { places: 1, order: "fifo" as const },
    rejection: { status: 503, costMs: 9 },
  };

  test("finds all that it holds: in work, in the queue, and waiting to be rejected", () => {
    const reception = new Reception(full).arrive(0, 0, 1, 2, 3);
    for (let ms = 0; ms < 40; ms++) reception.until(ms);
    expect(reception.answersUntil(40)).toHaveLength(4);
  });

  test("catches a request whose arrival was written over, as by a slot that was used twice", () => {
    const reception = new Reception(full).arrive(5, 0, 1, 2);
    reception.requests.setArrivedUs(1, 0);
    expect(() => reception.until(6)).toThrow("3 arrived, 0 left, 3 present");
    expect(() => reception.until(99)).toThrow("µs of sojourn");
  });
});
