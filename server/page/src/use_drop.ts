import { useEffect, useState } from "preact/hooks";

/** Takes files dropped anywhere on the page; tells whether some are held over it. */
export function useDrop(send: (files: Iterable<File>) => void): boolean {
  const [isOver, set] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      set(true);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) set(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      set(false);
      send(event.dataTransfer?.files ?? []);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  });
  return isOver;
}
