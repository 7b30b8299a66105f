/** A policy of one's own: a file whose default export is a policy. Says which line is wrong. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { checkPolicy } from "../policies/check-policy.ts";
import type { Policy } from "../src/policy.ts";
import { Complaint, messageOf } from "./complaint.ts";
import "./package-names.ts";

/** @throws {Complaint} when the file does not load, or what it exports is not a policy */
export async function loadPolicyFile(path: string): Promise<Policy> {
  const exported = await importFile(path);
  const line = lineOf(path, /^\s*export\s+default\b|\bas\s+default\b/) ?? 1;
  if (!("default" in exported)) {
    const names = Object.keys(exported).join(", ") || "nothing";
    const got = lineOf(path, /^\s*export\b/) ?? 1;
    throw new Complaint(`${path}:${got}: Expected a policy as default export, got ${names}.`);
  }
  try {
    return checkPolicy(exported.default);
  } catch (error) {
    throw new Complaint(`${path}:${line}: ${messageOf(error)}`);
  }
}

/** `file:line` of the policy file where an error that its code threw arose, if its stack tells. */
export function placeInFile(error: unknown, path: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const url = pathToFileURL(path).href;
  for (const name of [url, path]) {
    const at = stack.indexOf(`${name}:`);
    const line = at < 0 ? null : /^\d+/.exec(stack.slice(at + name.length + 1));
    if (line !== null) return `${path}:${line[0]}`;
  }
  return undefined;
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const message = messageOf(error).replace(/ imported from .*/s, "");
    const place =
      placeInFile(error, path) ?? importLine(path, message) ?? syntaxLine(path) ?? otherFile(error);
    throw new Complaint(`${place ?? path}: The policy file does not load: ${message}.`);
  }
}

/** "Cannot find package 'x'" names no line: it is the one that imports it. */
function importLine(path: string, message: string): string | undefined {
  const module = /^Cannot find (?:package|module) '(?:.*\/)?([^'/]+)'/.exec(message)?.[1];
  if (module === undefined || !existsSync(path)) return undefined;
  const index = readFileSync(path, "utf8")
    .split("\n")
    .findIndex((line) => /\b(?:import|from|require)\b/.test(line) && line.includes(module));
  return index < 0 ? undefined : `${path}:${index + 1}`;
}

/** An error in a module's JavaScript syntax carries no line either; Node's own check tells it. */
function syntaxLine(path: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8" });
  const [first] = stderr.split("\n");
  return first.startsWith(`${path}:`) ? first : undefined;
}

/** The error arose in a file that the policy file imports. */
function otherFile(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return /^(?:file:\/\/)?(\/[^\n]*:\d+)\n/.exec(stack)?.[1];
}

function lineOf(path: string, pattern: RegExp): number | undefined {
  const index = readFileSync(path, "utf8")
    .split("\n")
    .findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : index + 1;
}
