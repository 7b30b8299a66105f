import { expect, test } from "vitest";
import { Population } from "./population.ts";

/** 1 from moment 0, 2 from 10, 0 from 20 on; seen from 5 to 25. */
function seen(): Population {
  const population = new Population(5, 25);
  population.change(0, 1);
  population.change(10, 1);
  population.change(20, -2);
  return population;
}

test("the mean is over time, of the stretch looked at", () => {
  expect(seen().mean()).toBe((5 * 1 + 10 * 2 + 5 * 0) / 20);
});

test("so are the variance and the share of time with so many", () => {
  expect(seen().varianceAround(1)).toBe((10 + 5) / 20);
  expect(seen().shareFrom(2)).toBe(0.5);
  expect(seen().shareFrom(1)).toBe(0.75);
});

test("what comes after the stretch does not count, however many", () => {
  const population = seen();
  population.change(25, 1_000);
  population.change(30, 1_000);
  expect(population.mean()).toBe(1.25);
});

test("it can be many", () => {
  const population = new Population(0, 10);
  population.change(0, 5_000);
  population.change(5, 10_000);
  expect(population.mean()).toBe(10_000);
});
