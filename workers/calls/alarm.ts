/** The one alarm of a durable object. A second `setAlarm` replaces the first, so the earliest moment is worked out each time. */
export async function wakeAt(ctx: DurableObjectState, ...moments: (number | undefined)[]): Promise<void> {
  const known = moments.filter((moment) => moment !== undefined);
  if (known.length === 0) await ctx.storage.deleteAlarm();
  else await ctx.storage.setAlarm(Math.min(...known));
}
