/** Exit codes of the `fleet` command: part of its contract with scripts. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, unhealthy: 3, precondition: 4, timeout: 5 } as const;

export type Failure = 'failure' | 'usage' | 'precondition' | 'timeout';

/** Something the operator asked for could not be done. Says all that he needs to know to go on. */
export class FleetError extends Error {
  /**
   * @param kind which exit code it gives
   * @param message what failed, and why
   * @param unchanged what stayed as it was
   * @param next what to type next
   */
  constructor(
    readonly kind: Failure,
    message: string,
    readonly unchanged: string,
    readonly next: string,
  ) {
    super(message);
    this.name = 'FleetError';
  }
}

/** No fleet was ever started in this folder. */
export function noPlan(consequence: string): FleetError {
  const message = `No fleet was ever started here (VAR_DIR has no fleet.json), so ${consequence}.`;
  return new FleetError('precondition', message, 'Nothing was changed.', 'npx fleet up');
}
