// Takes files that are dropped on it; without a mouse there must be a button, too.
import { useState, type DragEvent, type ReactNode } from 'react';
import classes from './drop-zone.module.css';

interface DropZoneProps {
  readonly enabled?: boolean;
  /** What is said while files are held over it. */
  readonly label: string;
  onFiles(files: readonly File[]): void;
  readonly children: ReactNode;
}

export function DropZone({ enabled = true, label, onFiles, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  if (!enabled) return children;
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files');
  return (
    <div
      role="presentation"
      className={classes['zone']}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as globalThis.Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && <div className={classes['drop']}>{label}</div>}
    </div>
  );
}
