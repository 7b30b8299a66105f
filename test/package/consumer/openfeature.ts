import { createRetry } from "stormproof";
import {
  type OpenFeatureClient,
  type OpenFeatureFlags,
  openFeatureFlags,
} from "stormproof/openfeature";
import { vetted } from "stormproof/policies";

/** As a client of @openfeature/web-sdk, with retries switched off. */
const client: OpenFeatureClient = {
  getBooleanDetails: () => ({ value: false }),
  getNumberDetails: () => ({ value: Number.NaN, errorCode: "FLAG_NOT_FOUND" }),
  addHandler: () => {},
  removeHandler: () => {},
};
const flags: OpenFeatureFlags = openFeatureFlags(client, {
  booleans: { "automatic-retries": "checkout-retries" },
});
const retry = createRetry({ policy: vetted(), flags });
const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
console.log(await retry(busy).catch((error) => error.why)); // => flag
flags.close();
