import consumerLag from "./scenarios/consumer-lag.yaml" with { type: "text" };
import load from "./scenarios/load.yaml" with { type: "text" };
import lossy from "./scenarios/lossy.yaml" with { type: "text" };
import pipelining from "./scenarios/pipelining.yaml" with { type: "text" };
import tour from "./scenarios/tour.yaml" with { type: "text" };
import viewChange from "./scenarios/view-change.yaml" with { type: "text" };

/** Scenarios that come with the program, by name, as YAML. */
export const READY_SCENARIOS: Readonly<Record<string, string>> = Object.freeze({
  "consumer-lag": consumerLag,
  load,
  lossy,
  pipelining,
  tour,
  "view-change": viewChange,
});
