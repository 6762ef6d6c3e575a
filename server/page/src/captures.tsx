import type { Capture, CaptureList } from "../../api.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { apiUrl, ask, newCaptureId, upload } from "./client.ts";
import { bytes, count, isIncomplete, moment, progressOf, visible } from "./format.ts";
import type { Navigate } from "./url_state.ts";
import { Failure, messageOf, useLoad } from "./use_load.tsx";

/** An upload takes long after so many ms. */
const LONG = 700;
/** What the sample is called in the list. */
const SAMPLE = "sample.pcap";

/** A capture on its way to the server. */
interface Sending {
  readonly id: string;
  readonly name: string;
  readonly sent: number;
  readonly total: number;
  /** Why it did not arrive. */
  readonly failure: string | null;
  readonly abort: AbortController;
}

/** Captures being sent, and how to send more. */
export interface Uploads {
  readonly sending: readonly Sending[];
  /** Counts up when the list of captures has changed. */
  readonly version: number;
  /** The key log that goes with captures sent from now on. */
  readonly keyLog: File | null;
  setKeyLog(file: File | null): void;
  send(files: Iterable<File>): void;
  forget(id: string): void;
  changed(): void;
}

/** Sends captures; when the last one has arrived, `arrived` gets it. */
export function useUploads(arrived: (capture: Capture) => void): Uploads {
  const [sending, set] = useState<readonly Sending[]>([]);
  const [version, setVersion] = useState(0);
  const [keyLog, setKeyLog] = useState<File | null>(null);
  const change = (id: string, part: Partial<Sending>) =>
    set((all) => all.map((each) => each.id === id ? { ...each, ...part } : each));
  const forget = (id: string) => set((all) => all.filter((each) => each.id !== id));
  const changed = () => setVersion((times) => times + 1);

  const send = async (file: File) => {
    const id = newCaptureId();
    const abort = new AbortController();
    const { name, size } = file;
    set((all) => [...all, { id, name, sent: 0, total: size, failure: null, abort }]);
    // What takes long is listed, and can be looked into, while it comes in.
    const listed = setTimeout(changed, LONG);
    try {
      const progress = (sent: number, total: number) => change(id, { sent, total });
      const capture = await upload(file, keyLog, id, progress, abort.signal);
      forget(id);
      arrived(capture);
    } catch (error) {
      if (abort.signal.aborted) {
        forget(id);
        // The bytes may all be there, and the server at work on them.
        await ask(apiUrl(`captures/${id}`), { method: "DELETE" }).catch(() => {});
      } else change(id, { failure: messageOf(error) });
    }
    clearTimeout(listed);
    changed();
  };
  return {
    sending,
    version,
    keyLog,
    setKeyLog,
    forget,
    changed,
    send: (files) => [...files].forEach(send),
  };
}

/** What {@link Captures} shows and tells. */
export interface CapturesProps {
  readonly uploads: Uploads;
  readonly current: string | null;
  readonly navigate: Navigate;
}

/** The stored captures, and a place to drop more. */
export function Captures({ uploads, current, navigate }: CapturesProps) {
  const file = useRef<HTMLInputElement>(null);
  const keys = useRef<HTMLInputElement>(null);
  const { data, error } = useLoad<CaptureList>("captures", {}, uploads.version);
  const [failure, setFailure] = useState<unknown>(null);
  const captures = data?.items ?? [];
  const isGrowing = captures.some(isIncomplete);
  useEffect(() => {
    if (!isGrowing) return;
    const timer = setInterval(uploads.changed, 1000);
    return () => clearInterval(timer);
  }, [isGrowing]);

  const open = (capture: string) =>
    navigate({ capture, view: "transactions", transaction: null, from: null, to: null });
  const remove = async ({ id, name }: Capture) => {
    if (!confirm(`Delete ${visible(name ?? id)}? This cannot be undone.`)) return;
    await ask(apiUrl(`captures/${id}`), { method: "DELETE" });
    if (id === current) navigate({ capture: null }, true);
    uploads.changed();
  };
  const sample = async () => {
    try {
      const response = await ask("/assets/sample.pcap");
      uploads.send([new File([await response.blob()], SAMPLE)]);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <div class="scroll pad captures">
      <div class="drop">
        <svg viewBox="0 0 48 48" aria-hidden="true">
          <path d="M24 32V10m0 0-8 8m8-8 8 8M8 30v8h32v-8" />
        </svg>
        <p class="strong">Drop a capture anywhere on this page</p>
        <p class="muted">pcap or pcapng, also gzip or zstd; it stays on this server</p>
        <p class="muted">
          Nothing at hand? <code>tcpdump -i any -w iggy.pcap tcp port 8090</code>
        </p>
        <div class="buttons">
          <button type="button" class="primary" onClick={() => file.current?.click()}>
            Choose a file
          </button>
          <button type="button" onClick={sample}>Open a sample</button>
        </div>
        <Failure error={failure} />
        <input
          ref={file}
          type="file"
          multiple
          hidden
          aria-label="Capture files"
          onChange={({ currentTarget }) => {
            uploads.send(currentTarget.files ?? []);
            currentTarget.value = "";
          }}
        />
        {uploads.keyLog === null
          ? (
            <button type="button" class="link" onClick={() => keys.current?.click()}>
              Add a key log for TLS and QUIC
            </button>
          )
          : (
            <p class="muted">
              {`Captures sent now are opened with ${visible(uploads.keyLog.name)} `}
              <button
                type="button"
                class="link"
                onClick={() => uploads.setKeyLog(null)}
              >
                Remove the key log
              </button>
            </p>
          )}
        <input
          ref={keys}
          type="file"
          hidden
          aria-label="Key log"
          onChange={({ currentTarget }) => {
            uploads.setKeyLog(currentTarget.files?.[0] ?? null);
            currentTarget.value = "";
          }}
        />
      </div>
      {uploads.sending.map((each) => (
        <Upload
          key={each.id}
          each={each}
          uploads={uploads}
          capture={captures.find(({ id }) => id === each.id)}
        />
      ))}
      <Failure error={error} />
      {captures.length > 0 && (
        <div class="card">
          <table>
            <caption class="hidden">Captures</caption>
            <thead>
              <tr>
                <th scope="col">Capture</th>
                <th scope="col" class="right">Size</th>
                <th scope="col" class="right">Packets</th>
                <th scope="col" class="right">Transactions</th>
                <th scope="col" class="right">Errors</th>
                <th scope="col" class="right">Conversations</th>
                <th scope="col">First packet (UTC)</th>
                <th scope="col">State</th>
                <th scope="col">
                  <span class="hidden">Delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {captures.map((capture) => (
                <CaptureRow
                  key={capture.id}
                  capture={capture}
                  isCurrent={capture.id === current}
                  onOpen={() => open(capture.id)}
                  onRemove={() => remove(capture)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

interface UploadProps {
  readonly each: Sending;
  readonly uploads: Uploads;
  /** What the server tells of it so far. */
  readonly capture: Capture | undefined;
}

function Upload({ each, uploads, capture }: UploadProps) {
  const { id, name, sent, total, failure, abort } = each;
  const isSent = sent === total && total > 0;
  const value = isSent ? capture?.dissected ?? 0 : sent;
  if (failure !== null) {
    return (
      <p class="notice bad" role="alert">
        <span class="grow">{`${visible(name)}: ${failure}`}</span>
        <button type="button" onClick={() => uploads.forget(id)}>Dismiss</button>
      </p>
    );
  }
  return (
    <div class="notice upload">
      <span class="grow">{visible(name)}</span>
      <progress
        aria-label={`${isSent ? "Dissecting" : "Sending"} ${visible(name)}`}
        value={value}
        max={Math.max(1, total)}
      />
      <span>
        {isSent
          ? `dissecting, ${progressOf(value, total)}, ${
            count(capture?.transactions ?? 0)
          } transactions`
          : `${progressOf(sent, total)} of ${bytes(total)}`}
      </span>
      <button type="button" onClick={() => abort.abort()}>Cancel</button>
    </div>
  );
}

interface CaptureRowProps {
  readonly capture: Capture;
  readonly isCurrent: boolean;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}

function CaptureRow({ capture, isCurrent, onOpen, onRemove }: CaptureRowProps) {
  const name = visible(capture.name ?? capture.id);
  const { errors, state, cut, failure, issues } = capture;
  return (
    <tr aria-current={isCurrent ? "true" : undefined}>
      <td>
        <button
          type="button"
          class="link strong"
          disabled={state === "failed"}
          onClick={onOpen}
        >
          {name}
        </button>
      </td>
      <td class="right">{bytes(capture.size)}</td>
      <td class="right">{count(capture.packets)}</td>
      <td class="right">{count(capture.transactions)}</td>
      <td class={errors > 0 ? "right bad" : "right muted"}>{count(errors)}</td>
      <td class="right">
        {`${count(capture.iggy_conversations)} of ${count(capture.conversations)}`}
      </td>
      <td>{moment(capture.first_time)}</td>
      <td>
        {state === "failed"
          ? <span class="bad">{visible(failure ?? "failed")}</span>
          : state === "uploading"
          ? "coming in"
          : state === "dissecting"
          ? `dissecting, ${progressOf(capture.dissected, capture.size)}`
          : cut
          ? <span class="odd">{visible(issues[0]?.message ?? "cut")}</span>
          : <span class="good">complete</span>}
      </td>
      <td class="right">
        <button
          type="button"
          class="plain"
          aria-label={`Delete ${name}`}
          onClick={onRemove}
        >
          ✕
        </button>
      </td>
    </tr>
  );
}
