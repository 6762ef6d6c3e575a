import type { Pdu } from "../framing/pdu.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Kind } from "../schema/mod.ts";
import { type Part, Traffic } from "../stats/traffic.ts";
import { type GlanceSteps, glanceSteps } from "./glance_steps.ts";

const NO_INFO: readonly string[] = [];

/** What a line's fields of a part depend on, beside the part's layout. */
interface Telling {
  /** Paths of the fields that the command names. */
  readonly info: readonly string[];
  /** The layout of the request, whose fields are not told again. */
  readonly asked: Kind<unknown> | null;
}

/** How the fields of a part are told. */
export function tellingOf({ command, request }: Transaction, part: Part): Telling {
  return {
    info: command?.info ?? NO_INFO,
    asked: part === "request" ? null : request?.layout ?? null,
  };
}

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
    const { info, asked } = tellingOf(this.transaction, part);
    const isRequest = part === "request";
    const roles = this.roleReader?.wanted[part];
    const plan = glanceSteps(layout, release, info, asked, isRequest, roles);
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
