// What of a flow's events a webhook task listens to: the original's closed lists.

export const triggerEvents = ['onJobSuccess', 'onJobFailure', 'onJobDone'] as const;
export const triggerObjects = ['any', 'some'] as const;
