import type { Side } from "../../core/flow/mod.ts";
import type { Exchange } from "../../core/synth/mod.ts";
import type { SeededRandom } from "../../core/synth/mod.ts";
import {
  type Command,
  encode,
  type Fields,
  type Kind,
  releaseOf,
} from "../../core/schema/mod.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import { nearest } from "../../core/filter/suggest.ts";
import type { ScenarioSource } from "./document.ts";
import type { ClientSpec, Step } from "./scenario.ts";
import {
  ClassicSpeech,
  FRAMES,
  type Speech,
  VsrSpeech,
} from "../../plugins/framings/speech.ts";
import { UnfitValue, valueOf } from "./values.ts";
import { UPGRADE_REQUEST, UPGRADE_RESPONSE, webSocketFrame } from "./web_socket.ts";

/** An exchange of Iggy, with what the truth about it needs. */
export interface IggyExchange extends Exchange {
  /** Null for what is no PDU: an upgrade. */
  readonly said: Said | null;
}

/** The PDUs of an exchange, without what carries them. */
export interface Said {
  readonly command: Command | null;
  /** Name of a frame that is no command's. */
  readonly name: string | null;
  readonly request: Uint8Array | null;
  readonly response: Uint8Array | null;
  readonly status: number;
}

const DEFAULT_RELEASE = "0.8";
const OLDEST_RELEASE = "0.5", VSR_SINCE = "0.9-edge.2";
const EMPTY = new Uint8Array(0);

/** The exchanges of one client of a scenario, made one by one as they are sent. */
export class Session {
  readonly speech: Speech;
  readonly release: number;
  readonly #registry: Registry;
  readonly #document: ScenarioSource;
  readonly #spec: ClientSpec;
  readonly #random: SeededRandom;

  /** `client` is unique among the scenario's clients. Throws `UsageError`. */
  constructor(
    registry: Registry,
    document: ScenarioSource,
    spec: ClientSpec,
    random: SeededRandom,
    client: bigint,
  ) {
    this.#registry = registry;
    this.#document = document;
    this.#spec = spec;
    this.#random = random;
    const text = spec.release ?? DEFAULT_RELEASE;
    const release = releaseOf(text);
    if (release === null || release < releaseOf(OLDEST_RELEASE)!) {
      throw document.fault([...spec.path, "release"], `no release "${text}"`);
    }
    this.release = release;
    this.speech = release >= releaseOf(VSR_SINCE)!
      ? new VsrSpeech(release, client)
      : new ClassicSpeech();
  }

  *exchanges(): Generator<IggyExchange> {
    if (this.#spec.carrier === "websocket") {
      yield {
        request: UPGRADE_REQUEST,
        response: UPGRADE_RESPONSE,
        alone: true,
        said: null,
      };
    }
    yield* this.#steps(this.#spec.steps ?? []);
  }

  *#steps(steps: readonly Step[]): Generator<IggyExchange> {
    for (const step of steps) {
      if (step.steps !== undefined) {
        for (let i = 0; i < (step.repeat ?? 1); i++) yield* this.#steps(step.steps);
      } else if (step.tour) {
        for (const command of this.#tour()) {
          yield this.#exchange(step, this.#ask(step, command));
        }
      } else yield* this.#repeated(step);
    }
  }

  *#repeated(step: Step): Generator<IggyExchange> {
    const { repeat = step.total === undefined ? 1 : Infinity, total = Infinity } = step;
    const { command: name } = step;
    const command = name === undefined ? null : this.#command(step, name);
    const payloads = command === null ? null : this.#payloads(step, command);
    let sent = 0;
    for (let i = 0; i < repeat && sent < total; i++) {
      const said = command === null || payloads === null
        ? this.#frame(step)
        : this.#said(step, command, payloads);
      const exchange = this.#exchange(step, said);
      sent += exchange.request?.length ?? exchange.response?.length ?? 1;
      yield exchange;
    }
  }

  /** Every command that the release knows: logins first, the logout last. */
  #tour(): Command[] {
    const known = this.#registry.commands.all.filter(({ code, from, to }) =>
      code !== null && from <= this.release && this.release <= to
    );
    const rank = ({ logsIn, name }: Command) =>
      logsIn !== null ? 0 : /logout/.test(name) ? 2 : 1;
    return known.toSorted((a, b) => rank(a) - rank(b));
  }

  #command(step: Step, name: string): Command {
    const { commands } = this.#registry;
    const command = commands.byName(name);
    const at = [...step.path, "command"];
    if (command === undefined) {
      const near = nearest(name, commands.all.map(({ name }) => name));
      const hint = near === null ? "see iggyscope commands" : `did you mean ${near}?`;
      throw this.#document.fault(at, `no command "${name}"; ${hint}`);
    }
    if (
      command.from > this.release || this.release > command.to || command.code === null
    ) {
      throw this.#document.fault(at, `${name} is no request in this release`);
    }
    return command;
  }

  #ask(step: Step, command: Command): Said {
    return this.#said(step, command, this.#payloads({ path: step.path }, command));
  }

  #payloads(step: Step, command: Command): { request: Uint8Array; response: Uint8Array } {
    const failed = (step.status ?? 0) !== 0 || step.response === null;
    return {
      request: this.#payload(step, "request", command.request),
      response: failed ? EMPTY : this.#payload(step, "response", command.response),
    };
  }

  #payload(step: Step, key: "request" | "response", kind: Kind<unknown>): Uint8Array {
    const at = [...step.path, key];
    try {
      const context = { random: this.#random, release: this.release };
      return encode(kind, valueOf(kind, step[key], context, at), this.release);
    } catch (error) {
      if (error instanceof UnfitValue) {
        throw this.#document.fault(error.path, error.message);
      }
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      throw this.#document.fault(at, error.message);
    }
  }

  #said(
    step: Step,
    command: Command,
    payloads: { request: Uint8Array; response: Uint8Array },
  ): Said {
    const { status = 0, answered = true } = step;
    const request = this.speech.request(command, payloads.request);
    const response = answered && !command.unanswered
      ? this.speech.response(command, payloads.response, status)
      : null;
    return { command, name: null, request, response, status };
  }

  #frame(step: Step): Said {
    const name = step.frame ?? "";
    const number = Object.entries(FRAMES.names).find(([, each]) => each === name)?.[0];
    const kind = FRAMES.byNumber(Number(number ?? -1))?.header;
    const at = [...step.path, "frame"];
    if (kind === undefined) throw this.#document.fault(at, `no frame "${name}"`);
    const given = step.header ?? {};
    let header: Fields;
    try {
      const context = { random: this.#random, release: this.release };
      const all = valueOf(kind, given, context, [...step.path, "header"]) as Fields;
      const names = new Set(Object.keys(given));
      header = Object.fromEntries(Object.entries(all).filter(([key]) => names.has(key)));
    } catch (error) {
      if (error instanceof UnfitValue) {
        throw this.#document.fault(error.path, error.message);
      }
      throw error;
    }
    const bytes = this.speech.frame(name, header, EMPTY);
    if (bytes === null) {
      throw this.#document.fault(at, "classic framing has no such frames");
    }
    const fromServer = step.from === "server";
    return {
      command: null,
      name: `vsr.${name}`,
      request: fromServer ? null : bytes,
      response: fromServer ? bytes : null,
      status: 0,
    };
  }

  #exchange(step: Step, said: Said): IggyExchange {
    const { pause, think, alone, stall } = step;
    const carried = (side: Side, bytes: Uint8Array | null) =>
      bytes === null || this.#spec.carrier !== "websocket"
        ? bytes
        : webSocketFrame(bytes, side === "client" ? this.#mask() : null);
    return {
      said,
      request: carried("client", said.request),
      response: carried("server", said.response),
      pause,
      think,
      alone,
      stall: stall?.side === undefined
        ? undefined
        : { side: stall.side, nanos: stall.for ?? 1e9 },
    };
  }

  #mask(): Uint8Array {
    return Uint8Array.from({ length: 4 }, () => this.#random.below(256));
  }
}
