/** Why a capture could not be read at all. */
export type CaptureErrorKind =
  | "not_a_capture"
  | "unsupported"
  | "empty"
  | "directory"
  | "missing"
  | "permission"
  | "bomb"
  | "unreadable";

/**
 * Thrown when a source is no readable capture; its message is one line for the user. Damage
 * inside a capture is never thrown: it is reported, and the reader's `cut` is set.
 */
export class CaptureError extends Error {
  override name = "CaptureError";
  readonly kind: CaptureErrorKind;

  constructor(kind: CaptureErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
