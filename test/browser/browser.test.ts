/** The helper in a real browser, over real sockets of this machine. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import {
  BROWSER_ENTRIES,
  consumerOf,
  expectedOf,
  sourceOf,
  specifierOf,
} from "../package/entries.ts";
import { bundle } from "./bundle.ts";
import { CHROMIUM, IS_BROWSER_REQUIRED, launchChromium, NO_CHROMIUM } from "./chromium.ts";
import { type Answer, Site } from "./site.ts";

type InPage = typeof import("./in-page.ts");

const busy: Answer = (response) => response.writeHead(503).end("busy");
const fine: Answer = (response) => response.writeHead(200).end("fine");
const silent: Answer = () => {};
const broken: Answer = (response) => response.destroy();
const busyForAnHour: Answer = (response) => {
  response.setHeader("retry-after", "3600");
  busy(response);
};
const busyForAnHourAndSaysSo: Answer = (response) => {
  response.setHeader("access-control-expose-headers", "retry-after");
  busyForAnHour(response);
};

test("a browser is here", (context) => {
  if (CHROMIUM !== undefined) return;
  if (IS_BROWSER_REQUIRED) throw new Error(NO_CHROMIUM);
  console.warn(`\nSKIPPED, every test in a browser. ${NO_CHROMIUM}\n`);
  context.skip(NO_CHROMIUM);
});

test("a bundle for browsers cannot import what is Node's", async () => {
  const bundled = bundle({ server: "test/browser/site.ts" });
  await expect(bundled).rejects.toThrow('Could not resolve "node:http"');
});

describe.skipIf(CHROMIUM === undefined)("in a browser", () => {
  let browser: Browser;
  let home: Site;
  let elsewhere: Site;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const sources = BROWSER_ENTRIES.map((entry) => [`entry/${consumerOf(entry)}`, sourceOf(entry)]);
    const consumers = BROWSER_ENTRIES.map(consumerOf).map((consumer) => [
      `consumer/${consumer}`,
      `test/package/consumer/${consumer}.ts`,
    ]);
    const page = ["in-page", "test/browser/in-page.ts"];
    const scripts = await bundle(Object.fromEntries([...sources, ...consumers, page]));
    home = await new Site(scripts).open();
    elsewhere = await new Site().open();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    for (const site of [home, elsewhere]) site?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${home.origin}/page`);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  // As text, for nothing of this file is in the page.
  function inPage<Name extends keyof InPage>(
    name: Name,
    ...args: Parameters<InPage[Name]>
  ): Promise<Awaited<ReturnType<InPage[Name]>>> {
    const call = `page.${name}(...${JSON.stringify(args)})`;
    return page.evaluate(`import("/in-page.js").then((page) => ${call})`);
  }

  describe.each(BROWSER_ENTRIES)("the entry %s", (entry) => {
    it("exports what it does in Node", async () => {
      const names = Object.keys(await import(specifierOf(entry))).sort();
      expect(await inPage("namesIn", `/entry/${consumerOf(entry)}.js`)).toEqual(names);
    });

    it("does for its consumer what it does in Node", async () => {
      const printed = await inPage("printedBy", `/consumer/${consumerOf(entry)}.js`);
      expect(printed).toBe(expectedOf(entry));
    });
  });

  it("has nothing of Node's around it", async () => {
    expect(await page.evaluate("typeof process + typeof require + typeof Buffer")).toBe(
      "undefined".repeat(3),
    );
  });

  describe("retry", () => {
    it("tries a busy server again", async () => {
      home.answers(busy, fine);
      expect(await inPage("retries", home.url)).toEqual({ text: "fine" });
      expect(home.methods()).toEqual(["GET", "GET"]);
    });
  });

  describe("fetch", () => {
    it("tells its own origin which attempt it is", async () => {
      home.answers(busy, busy, fine);
      expect(await inPage("fetches", home.url)).toEqual({ text: "fine" });
      expect(home.received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
    });

    it("tells another origin nothing, so that it need not ask for permission first", async () => {
      elsewhere.answers(busy, fine);
      expect(await inPage("fetches", elsewhere.url)).toEqual({ text: "fine" });
      expect(elsewhere.methods()).toEqual(["GET", "GET"]);
      expect(elsewhere.received.map(({ headers }) => headers["retry-attempt"])).toEqual([
        undefined,
        undefined,
      ]);
    });

    it("asks for permission when it is to tell always", async () => {
      elsewhere.answers(busy, fine);
      const options = { attemptHeaders: "always" } as const;
      expect(await inPage("fetches", elsewhere.url, options)).toEqual({ text: "fine" });
      const [asked, first] = elsewhere.received;
      expect(asked.method).toBe("OPTIONS");
      expect(asked.headers["access-control-request-headers"]).toBe(
        "request-timeout-ms,retry-attempt",
      );
      expect(first.headers["retry-attempt"]).toBe("1");
    });

    it("gives a POST that may be repeated one key, and asks another origin's permission for it", async () => {
      elsewhere.answers(busy, fine);
      const init = { method: "POST", body: "order", retry: { repeatable: true } };
      expect(await inPage("fetches", elsewhere.url, {}, init)).toEqual({ text: "fine" });
      expect(elsewhere.methods()[0]).toBe("OPTIONS");
      const posts = elsewhere.received.filter(({ method }) => method === "POST");
      const keys = posts.map(({ headers }) => headers["idempotency-key"]);
      expect(keys).toEqual([keys[0], keys[0]]);
      expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
    });

    it("does not repeat a POST of which nobody said that it may", async () => {
      home.answers(busy, fine);
      const ending = await inPage("fetches", home.url, {}, { method: "POST", body: "order" });
      expect(ending).toMatchObject({ text: "busy" });
      expect(home.methods()).toEqual(["POST"]);
    });

    it("stops for a Retry-After that is too long, of its own origin", async () => {
      home.answers(busyForAnHour);
      expect(await inPage("fetches", home.url)).toMatchObject({ text: "busy" });
      expect(home.methods()).toEqual(["GET"]);
    });

    it("sees another origin's Retry-After only where that is exposed", async () => {
      elsewhere.answers(busyForAnHour, fine);
      expect(await inPage("fetches", elsewhere.url)).toEqual({ text: "fine" });
      elsewhere.answers(busyForAnHourAndSaysSo, fine);
      expect(await inPage("fetches", elsewhere.url)).toMatchObject({ text: "busy" });
      expect(elsewhere.methods()).toEqual(["GET"]);
    });

    it("tries again when the connection breaks", async () => {
      home.answers(broken, fine);
      expect(await inPage("fetches", home.url)).toEqual({ text: "fine" });
    });

    it("takes a server that cannot be reached for one", async () => {
      const gone = await new Site().open();
      const { url } = gone;
      gone.close();
      const ending = await inPage("fetches", url);
      expect(ending).toEqual({ error: "TypeError: Failed to fetch", why: "attempts" });
    });

    it("interrupts an attempt when its time is up, and tries again", async () => {
      home.answers(silent, fine);
      const ending = await inPage("fetches", home.url, { timeoutMs: 1_000 });
      expect(ending).toEqual({ text: "fine" });
      expect(home.received[0].headers["request-timeout-ms"]).toBe("1000");
    });

    it("ends with a TimeoutError when no attempt is in time", async () => {
      home.answers(silent);
      const ending = await inPage("fetches", home.url, { timeoutMs: 30 });
      expect(ending).toEqual({ error: expect.stringMatching(/^TimeoutError: /), why: "attempts" });
    });

    it("ends a wait at once when its caller leaves", async () => {
      home.answers(busy, fine);
      expect(await inPage("fetchesUntilItWaits", home.url)).toEqual({ error: "left" });
      expect(home.methods()).toEqual(["GET"]);
    });
  });
});
