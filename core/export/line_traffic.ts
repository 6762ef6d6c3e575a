import type { Pdu } from "../framing/pdu.ts";
import { type Part, Traffic } from "../stats/mod.ts";
import { type GlanceSteps, glanceSteps } from "./glance_steps.ts";

const NO_INFO: readonly string[] = [];

/** What a line tells of a PDU, and the values it tells of. */
interface Told {
  readonly plan: GlanceSteps;
  readonly values: readonly unknown[];
}

/**
 * What a transaction is about and what its line tells, read and judged at one go. Whoever wants
 * its issues too asks for them afterwards.
 */
export class LineTraffic extends Traffic {
  #request: GlanceSteps | null = null;
  #response: GlanceSteps | null = null;

  protected override read(pdu: Pdu, part: Part): readonly unknown[] {
    const { layout, release } = pdu;
    if (layout === null || pdu.isEmpty) return super.read(pdu, part);
    const { command, request } = this.transaction;
    const isRequest = part === "request";
    const plan = glanceSteps(
      layout,
      release,
      command?.info ?? NO_INFO,
      isRequest ? null : request?.layout ?? null,
      isRequest,
      this.roleReader?.wanted[part],
    );
    const values = plan === null ? null : pdu.soundValues(plan.reader);
    if (values === null) return super.read(pdu, part);
    if (isRequest) this.#request = plan;
    else this.#response = plan;
    return values;
  }

  /** What is told of a part; null where only the careful reader reads it. */
  told(part: Part): Told | null {
    const values = this.valuesOf(part);
    const plan = part === "request" ? this.#request : this.#response;
    return plan === null ? null : { plan, values };
  }
}
