/** "Vetted" means: keeps all eight laws, in thousands of generated storms. */
import { describe } from "vitest";
import { specifyPolicy } from "./cells.ts";

describe("vetted", () => specifyPolicy("vetted", true));
describe("vetted-session-reset", () => specifyPolicy("vetted-session-reset", true));
