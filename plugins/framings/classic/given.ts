import { issue } from "../../../core/issue.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS, filled } from "../texts.ts";
import type { Pending } from "./pending.ts";
import { HEADER } from "./shape.ts";
import { UNSOLICITED } from "./statuses.ts";

/** Gives requests and responses out, in pairs and alone, with why they are. */
export class Given {
  readonly #host: FramingHost;
  /** Why a request that is still open has no response. */
  silence = "no response was captured";
  /** The request whose body is still arriving; null once it was given out without. */
  arriving: Pending | null = null;

  constructor(host: FramingHost) {
    this.#host = host;
  }

  /** A pair; where the request is still arriving it waits for its end. */
  pair(pending: Pending, pdu: Pdu): void {
    const { command } = pending;
    if (pdu.status === 0 && command !== null) {
      if (!pdu.isEmpty) pdu.interpret(command.response, this.#host.releases);
      else if (command.response.minSize > 0 && !command.emptyIfMissing) {
        pdu.report(
          issue("warn", "malformed", TEXTS.no_payload, pdu.stamp.packet, HEADER),
        );
      }
    }
    if (pending.pdu === null) pending.response = pdu;
    else this.#emit(pending, pdu);
  }

  /** The request is complete: its response may have been waiting for that. */
  complete(pending: Pending): void {
    if (pending.response !== null) this.#emit(pending, pending.response);
  }

  /** A response whose request is not known; without a reason it was not captured. */
  orphan(pdu: Pdu, reason: string | null): null {
    const unsolicited = UNSOLICITED.get(pdu.status!);
    const message = reason ??
      (unsolicited === undefined
        ? TEXTS.not_captured
        : filled(TEXTS.unsolicited, unsolicited));
    this.alone(pdu, "sequence", message);
    return null;
  }

  /** A response that is none to a request as its client meant it. */
  alone(
    pdu: Pdu,
    group: "sequence" | "protocol",
    message: string,
    refused: Pending | null = null,
  ): void {
    this.#host.exchange({
      command: refused?.command ?? null,
      name: null,
      code: refused?.code ?? null,
      request: null,
      response: pdu,
      issues: [issue("note", group, message, pdu.stamp.packet)],
    });
  }

  /** A request without a response. */
  unanswered(pending: Pending, reason = this.silence): void {
    if (pending.pdu === null && this.arriving === pending) this.arriving = null;
    const packet = pending.pdu?.stamp.packet ?? null;
    pending.issues.push(issue("note", "sequence", reason, packet));
    this.#emit(pending, null);
  }

  /** A request that the server took for part of something else. */
  swallowed(pending: Pending): void {
    this.unanswered(
      pending,
      "the server took its bytes for part of something else, after it refused a request early",
    );
  }

  /** A server of the VSR generation waits for 256 bytes and then closes, without a word. */
  unheard(first: Pending | undefined): void {
    if (first?.command == null || first.pdu === null || !first.pdu.whole) return;
    if ((first.pdu.decoded?.problems ?? 0) > 0) return;
    // The client's releases: the framing ended with 0.8.
    const { text } = this.#host.releases;
    const range = text === "0.8+" ? "0.8" : text.replace("+", "..0.8");
    const message =
      `the client speaks classic framing (Iggy ${range}) and the server never ` +
      "answers: servers since 0.9 understand only VSR framing; update the client, or use " +
      "a server up to 0.8";
    this.#host.report(issue("note", "protocol", message, first.pdu.stamp.packet));
  }

  #emit({ command, code, pdu, issues }: Pending, response: Pdu | null): void {
    this.#host.exchange({ command, name: null, code, request: pdu, response, issues });
    const { buffers } = this.#host;
    // What a server makes of the rest of a refused request is looked at once more.
    if (!buffers || (response?.status ?? 0) !== 0) return;
    if (pdu !== null) buffers.give(pdu.bytes);
    if (response !== null) buffers.give(response.bytes);
  }
}
