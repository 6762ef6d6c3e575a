import type { Capture, Recording } from "../../api.ts";
import { useState } from "preact/hooks";
import { apiUrl, ask } from "./client.ts";
import type { Navigate } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

/** Records live traffic into a capture, which can be looked into while it grows. */
export function Recorder({ navigate }: { readonly navigate: Navigate }) {
  const [version, setVersion] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  const { data } = useLoad<Recording>("live/recording", {}, version);
  const id = data?.capture ?? null;
  const send = async (method: "POST" | "DELETE") => {
    try {
      setFailure(null);
      const name = method === "POST" ? nameOf(new Date()) : null;
      const response = await ask(apiUrl("live/recording", { name }), { method });
      const { id: recorded } = await response.json() as Capture;
      if (method === "DELETE") navigate({ capture: recorded, view: "transactions" });
    } catch (error) {
      setFailure(error);
    }
    setVersion((times) => times + 1);
  };
  return (
    <>
      {id === null
        ? (
          <button type="button" onClick={() => send("POST")}>
            <i class="record" aria-hidden="true" />
            Record
          </button>
        )
        : (
          <>
            <button type="button" aria-pressed="true" onClick={() => send("DELETE")}>
              <i class="record on" aria-hidden="true" />
              Stop and open
            </button>
            <button
              type="button"
              onClick={() => navigate({ capture: id, view: "transactions" })}
            >
              Look into it
            </button>
          </>
        )}
      <Failure error={failure} />
    </>
  );
}

function nameOf(time: Date): string {
  return `live-${time.toISOString().slice(0, 19).replaceAll(":", "")}.pcapng`;
}
