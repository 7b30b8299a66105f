/** The browser of the tests: Chromium as the system has it, for npm has none. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const CHROMIUM = PLACES.find((path) => existsSync(path));

/** `.ci/run` sets it where it found or installed a browser: no test may be skipped there. */
export const IS_BROWSER_REQUIRED = process.env.STORMPROOF_BROWSER === "required";

export const NO_CHROMIUM = `No Chromium in ${PLACES.join(", ")}: nothing is known of browsers. \`apt-get install chromium\` brings one.`;

/** Headless, with a profile of its own that goes with it, and nobody to talk to but this machine. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}
