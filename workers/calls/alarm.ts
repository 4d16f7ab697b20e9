/**
 * The one alarm of a durable object. A second `setAlarm` replaces the first, so the earliest moment counts. It is only
 * ever moved forward: setting it costs a write that others wait for, and an alarm that comes early finds nothing to do
 * and is set anew.
 */
export class Alarm {
  readonly #storage: DurableObjectStorage;
  /** Known since this instance started; an alarm from before is found by asking. */
  #at: number | null | undefined;

  constructor(ctx: DurableObjectState) {
    this.#storage = ctx.storage;
  }

  /** To be called first when the alarm goes off. */
  fired(): void {
    this.#at = null;
  }

  /** Wakes the object at the earliest of these moments (milliseconds), or sooner. */
  async by(...moments: (number | undefined)[]): Promise<void> {
    const known = moments.filter((moment) => moment !== undefined);
    if (known.length === 0) return;
    const earliest = Math.min(...known);
    if (this.#at === undefined) this.#at = await this.#storage.getAlarm();
    if (this.#at !== null && this.#at <= earliest) return;
    this.#at = earliest;
    await this.#storage.setAlarm(earliest);
  }
}
