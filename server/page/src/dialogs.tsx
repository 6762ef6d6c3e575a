import { useEffect, useRef, useState } from "preact/hooks";
import { signIn } from "./client.ts";
import { VIEWS } from "./url_state.ts";
import { messageOf } from "./use_load.tsx";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "go to the filter; ↓ shows ways to go on, Enter applies, Esc leaves"],
  ["↑ ↓ PgUp PgDn Space Home End", "move through the table or the tree"],
  ["Enter", "open the transaction and go to its fields"],
  ["→ ←", "open and close a field; in the bytes, go to the next field"],
  ["Esc", "close the details, back to the table"],
  ["1 … 9 0", VIEWS.join(", ")],
  ["t", "light, dark, or as the system says"],
  ["?", "this help"],
];

/** Which keys do what. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useModal();
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <>
            <dt>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p class="muted">
        The address of the page holds capture, filter, view and selection: copy it to
        share what you see.
      </p>
      <form method="dialog">
        <button type="submit" class="primary">Close</button>
      </form>
    </dialog>
  );
}

/** Asks for the token of a server that wants one. */
export function TokenDialog() {
  const dialog = useModal();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(input.current?.value ?? "");
      location.reload();
    } catch (error) {
      setWrong(messageOf(error));
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="token-title">
      <form onSubmit={submit}>
        <h2 id="token-title">This server wants a token</h2>
        <p class="muted">
          It was given to{" "}
          <code>serve --token</code>. Your browser keeps it until it is closed.
        </p>
        <p class="toolbar">
          <label class="hidden" for="token">Token</label>
          <input id="token" ref={input} type="password" autocomplete="off" required />
          <button type="submit" class="primary">Go on</button>
        </p>
        <p class="bad" role="alert">{wrong}</p>
      </form>
    </dialog>
  );
}

function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return dialog;
}
