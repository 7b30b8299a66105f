import type { Numbers } from "../../src/scenario/numbers-schema.ts";
import type { Scenario } from "../../src/scenario.ts";

/** The scenario with recordings that another process can be sent: memory is shared by threads only. */
export function inOwnMemory(scenario: Scenario): Scenario {
  const { load, server } = scenario;
  const { service } = server;
  return {
    ...scenario,
    load:
      load.kind === "recorded"
        ? { ...load, atMs: own(load.atMs), clients: load.clients && own(load.clients) }
        : load,
    server: {
      ...server,
      service:
        service.distribution === "recorded"
          ? { ...service, serviceMs: own(service.serviceMs) }
          : service,
    },
  };
}

function own(values: Numbers): Numbers {
  return Float64Array.from(values);
}
