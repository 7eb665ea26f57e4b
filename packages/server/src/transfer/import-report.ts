// Pure: what an import says about itself: what it changed, what it dropped, and why.

export interface ImportChange {
  /** Where it stands in the package, as `data.flows[0].outputobjects[1]`. */
  readonly path: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
}

export type DroppedKind =
  | 'datasources'
  | 'recipes'
  | 'outputobjects'
  | 'writesettings'
  | 'webhookflowtasks'
  | 'runparameters'
  | 'schedules';

export interface Dropped {
  readonly kind: DroppedKind;
  readonly path: string;
  readonly name: string | null;
  readonly reason: string;
}

export interface ImportReport {
  readonly changes: ImportChange[];
  readonly dropped: Dropped[];
  readonly warnings: string[];
}

export function newReport(): ImportReport {
  return { changes: [], dropped: [], warnings: [] };
}
