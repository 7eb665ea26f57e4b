// The time zones that people choose from.

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Browsers list one name for each zone; what is stored may have another, as Asia/Kolkata beside Asia/Calcutta. */
export function listZones(chosen = 'UTC'): string[] {
  return zones.includes(chosen) ? zones : [chosen, ...zones];
}
