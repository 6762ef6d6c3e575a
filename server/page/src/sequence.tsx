/** What {@link SequenceView} shows. */
export interface SequenceProps {
  /** The conversation's path of the API. */
  readonly path: string;
}

/** TCP's bytes over time in both directions, as the server draws them. */
export function SequenceView({ path }: SequenceProps) {
  return (
    <div class="scroll pad">
      <img
        src={`/api/${path}/sequence?format=svg`}
        alt="Bytes over time in both directions: sent, sent again, acknowledged, the window, and round trips"
        style={{ width: "100%" }}
      />
      <p>
        <a href={`/api/${path}/sequence`}>The same as data</a>
      </p>
    </div>
  );
}
