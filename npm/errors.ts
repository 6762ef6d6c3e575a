import { getSystemErrorMap } from "node:util";

/** Deno's class of each of the system's errors that the program tells apart. */
const CLASS_OF: Readonly<Record<string, string>> = {
  ENOENT: "NotFound",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied",
  EEXIST: "AlreadyExists",
  EPIPE: "BrokenPipe",
  EAGAIN: "WouldBlock",
  EISDIR: "IsADirectory",
  ENOTDIR: "NotADirectory",
  EADDRINUSE: "AddrInUse",
  ECONNREFUSED: "ConnectionRefused",
  ECONNRESET: "ConnectionReset",
};

/** Deno's classes of errors; those of permissions never come up here. */
export const errors: Readonly<Record<string, new (message?: string) => Error>> = Object
  .fromEntries(
    [...new Set([...Object.values(CLASS_OF), "NotCapable", "NotSupported"])].map(
      (name) => [
        name,
        class extends Error {
          override readonly name = name;
        },
      ],
    ),
  );

/** An error of the system as Deno has it: the same class, code and words. */
export function asDenoError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const made = errors[CLASS_OF[String(error.code)] ?? ""];
  if (made === undefined) return error;
  return Object.assign(new made(wordsOf(error)), { code: error.code, cause: error });
}

function wordsOf(error: Error & { errno?: number; syscall?: string; path?: string }) {
  const { errno, syscall, path } = error;
  const [, words] = getSystemErrorMap().get(errno ?? 0) ?? [];
  if (words === undefined) return error.message;
  const what = syscall === undefined || path === undefined
    ? ""
    : `: ${syscall} '${path}'`;
  return `${words[0]!.toUpperCase()}${words.slice(1)} (os error ${-errno!})${what}`;
}

/** Does the work; what the system refuses is thrown as Deno's error. */
export function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asDenoError(error);
  }
}

/** {@link translated} for work that takes its time. */
export async function translatedAsync<Result>(
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asDenoError(error);
  }
}
