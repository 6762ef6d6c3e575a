/**
 * Server-sent events as a test reads them.
 *
 * @module
 */

/** A server-sent event. */
export interface Event {
  readonly id: string | null;
  readonly event: string;
  readonly data: unknown;
}

/** The events of a stream, one after another. */
export async function* eventsOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Event, void> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split("\n");
      const value = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ??
          null;
      const data = value("data");
      if (data === null) continue;
      yield { id: value("id"), event: value("event") ?? "", data: JSON.parse(data) };
    }
  }
}

/** The first events of one kind. */
export async function take(
  events: AsyncIterable<Event>,
  kind: string,
  count: number,
): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of events) {
    if (event.event === kind) found.push(event);
    if (found.length === count) break;
  }
  return found;
}
