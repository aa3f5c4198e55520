import { FleetError } from './errors';

/** Why this machine does not become a host of the fleet. */
export const refusedJoin = (message: string, next: string): FleetError =>
  new FleetError('precondition', message, 'Nothing was changed.', next);
