/** Every model that the simulator is held to. */
import { debtModel } from "./debt.ts";
import { erlangReattempts } from "./erlang-reattempts.ts";
import type { Model } from "./experiment.ts";
import { geometric } from "./geometric.ts";
import { little } from "./little.ts";
import { mg1 } from "./mg1.ts";
import { mm1 } from "./mm1.ts";
import { mm1Retrial } from "./mm1-retrial.ts";
import { mmc } from "./mmc.ts";
import { mmccRetrial } from "./mmcc-retrial.ts";
import { mmck } from "./mmck.ts";

export const models: readonly Model[] = [
  mm1,
  mmc,
  mmck,
  mg1,
  mm1Retrial,
  mmccRetrial,
  erlangReattempts,
  geometric,
  little,
  debtModel,
];
