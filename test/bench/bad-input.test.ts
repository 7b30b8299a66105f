import { afterAll, describe, expect, it } from "vitest";
import { Folder, TINY } from "./cli.ts";

const folder = new Folder();
afterAll(() => folder.remove());
folder.write("tiny.json", TINY);
folder.write("vast.json", { ...TINY, clients: { count: 1e9, timeoutMs: 500 } });
folder.write("misspelled.json", { ...TINY, server: { worker: [] } });
const below = (caller: object) => ({
  ...TINY,
  tickUs: 1000,
  downstream: [{ name: "store", caller }],
});
folder.write("chain.json", below({}));
const missing = { distribution: "replay", file: "gone.csv", timeColumn: "took", timeUnit: "ms" };
const store = { name: "store", server: { service: missing } };
folder.write("replays-below.json", { ...TINY, downstream: [store] });
folder.write("replays-twice.json", {
  ...TINY,
  traffics: [{ name: "x", load: { ...missing, kind: "replay", distribution: undefined } }],
  downstream: [store],
});
const cohorts = (...list: object[]) => ({ ...TINY, tickUs: 1000, cohorts: list });
folder.write("cohorts.json", cohorts({ name: "all", share: 1 }));
folder.write(
  "cohorts-of-strangers.json",
  cohorts({ name: "all", share: 1, rollout: { policy: "vetetd", fromMs: 0, untilMs: 1 } }),
);
const traffic = (policy: string) => ({ name: "poll", load: TINY.load, policy });
folder.write("traffics.json", { ...TINY, tickUs: 1000, traffics: [traffic("none")] });
folder.write("traffic-of-strangers.json", { ...TINY, traffics: [traffic("vettd")] });
folder.write("chain-of-strangers.json", below({ policy: "budgetd" }));
folder.write("broken.json", '{\n  "name": "broken",,\n}');
folder.write("syntax.ts", "export const a = 1;\nexport default { name: };\n");
folder.write("throws.ts", "export const a = 1;\n\nthrow new Error('not today');\n");
folder.write("imports.ts", 'export const a = 1;\nimport "no-such-package";\nexport default {};\n');
folder.write("shapeless.ts", 'export const a = 1;\n\nexport default { name: "shapeless" };\n');
folder.write("empty.ts", "const a = 1;\nexport const policy = a;\n");
folder.write("taken.ts", 'export default { name: "none", initial: {}, decide: () => 0 };\n');
folder.write("babbles.ts", 'export default { name: "babbles", initial: {}, decide: () => 0 };\n');
folder.write(
  "fails.ts",
  'export default {\n  name: "fails",\n  initial: {},\n  decide: () => missing.value,\n};\n',
);

/** What is asked, and what the one sentence must name: the value, what was expected, what is nearest. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ["--scenario overlaod", ["--scenario", '"overlaod"', 'did you mean "overload"?']],
  ["--policy budgetd", ["--policy", '"budgetd"', 'did you mean "budgeted"?']],
  ["--seeds 0", ["--seeds", "from 1 to 1000", '"0"', "the nearest is 1."]],
  ["--seeds 1.5", ["--seeds", "whole number", '"1.5"']],
  ["--seeds many", ["--seeds", '"many"']],
  ["--workers 0", ["--workers", '"0"']],
  ["--lane mws", ["--lane", '"mws"', 'did you mean "msw"?']],
  ["--lane msw --scenario blip", ["tickUs 1000", '"blip"', '"msw-check"']],
  ["--lane msw --scenario chain.json", ["downstream", '"chain.json"', "only the simulator"]],
  ["--scenario replays-below.json", ["downstream[0].server.service.file", '"gone.csv"']],
  ["--scenario replays-twice.json", ['"gone.csv"']],
  ["--lane msw --scenario cohorts.json", ["cohorts", '"cohorts.json"', "one policy"]],
  ["--lane msw --scenario traffics.json", ["traffics", '"traffics.json"', "one kind of calls"]],
  ["--scenario traffic-of-strangers.json", ['"vettd"', 'did you mean "vetted"?']],
  ["--scenario cohorts-of-strangers.json", ['"vetetd"', 'did you mean "vetted"?']],
  ["--scenario chain-of-strangers.json", ['"budgetd"', 'did you mean "budgeted"?']],
  ["--seed 3", ["--seed", "did you mean --seeds?"]],
  ["overload", ["options only", '"overload"']],
  ["--explain 1", ["SEED:CALL", '"1"']],
  ["--explain 1:5", ["one --scenario and one --policy"]],
  ["--explain 1:99999 --scenario tiny.json --policy none", ['"1:99999"', "the nearest is"]],
  ["--json nowhere/here.json", ["--json", '"nowhere/here.json"', "nearest folder"]],
  ["--json .", ["--json", "folder"]],
  ["--scenario ./absent.json", ["--scenario", "./absent.json"]],
  ["--scenario broken.json", ["broken.json:2:20:", "JSON"]],
  ["--scenario vast.json", ["clients.count", "100000000", "1000000000"]],
  ["--scenario misspelled.json", ["misspelled.json:1:", '"worker"', 'did you mean "workers"?']],
  ["--policy ./absent.ts", ["./absent.ts", "did you mean"]],
  ["--policy syntax.ts", ["syntax.ts:2:"]],
  ["--policy throws.ts", ["throws.ts:3:", "not today"]],
  ["--policy imports.ts", ["imports.ts:2:", "no-such-package"]],
  ["--policy shapeless.ts", ["shapeless.ts:3:", "initial"]],
  ["--policy empty.ts", ["empty.ts:2:", "default export"]],
  ["--policy taken.ts", ["taken.ts", "name of its own", '"none"']],
  ["--scenario tiny.json --policy babbles.ts", ["babbles.ts", "to answer the start of a call"]],
  ["--scenario tiny.json --policy fails.ts", ["fails.ts:4:", "missing is not defined"]],
];

describe("Bad input is told in one sentence, with exit code 2 and nothing left behind", () => {
  it.concurrent.for(cases)("%s", async ([line, named], { expect }) => {
    const args = line.split(" ");
    const wantsJson = line.includes("--json") || line.includes("--explain");
    const { code, stdout, stderr } = await folder.bench(
      wantsJson ? args : [...args, "--json", "left-behind.json"],
    );
    expect(stderr).toMatch(/^[^\n]+[.?]\n$/);
    for (const word of named) expect(stderr).toContain(word);
    expect(stderr).not.toMatch(/\n\s+at |node:internal/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("leaves nothing behind", () => {
    expect(
      folder.files().filter((file) => !/\.(ts|json)$/.test(file) || /left/.test(file)),
    ).toEqual([]);
  });
});
