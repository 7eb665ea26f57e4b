// The ranges of time that pages offer.
export const timeRangeText = {
  '1h': { short: '1 h', long: 'Last hour' },
  '24h': { short: '24 h', long: 'Last 24 hours' },
  '7d': { short: '7 d', long: 'Last 7 days' },
  '30d': { short: '30 d', long: 'Last 30 days' },
} as const;
