import { ChatError } from '../../protocol/codes';
import type { Answer } from '../../protocol/events';
import type { Counters } from './counters';
import type { Report } from './types';
import { isClientEvent } from './validate';
import type { Actions } from './actions';
import type { Session } from './session';

export interface Receiver {
  (session: Session, event: unknown, args: unknown[]): Promise<void>;
  /** Resolves when nothing is being carried out. */
  idle(): Promise<void>;
}

export interface ReceiverDeps {
  actions: Actions;
  counters: Counters;
  report: Report;
  /** Whether the server is about to stop: then nothing new is taken. */
  isDraining: () => boolean;
}

type Ack = (answer: Answer<object>) => void;

/**
 * Step 1 of a message's way: the one wrapper around everything that clients emit. Checks, carries out,
 * answers with the result or a coded error, and never throws, whatever the arguments are.
 */
export function createReceiver({ actions, counters, report, isDraining }: ReceiverDeps): Receiver {
  let running = 0;
  let whenIdle: (() => void) | undefined;

  const receive = async (session: Session, event: unknown, args: unknown[]): Promise<void> => {
    counters.calls[isClientEvent(event) ? event : 'unknown']++;
    running++;
    const last = args[args.length - 1];
    const ack: Ack = typeof last === 'function' ? (last as Ack) : () => undefined;
    const payloads = typeof last === 'function' ? args.slice(0, -1) : args;
    try {
      if (isDraining()) throw new ChatError('draining');
      if (!isClientEvent(event)) throw new ChatError('unknown_event');
      if (payloads.length > 1) throw new ChatError('invalid', 'one payload and an acknowledgement');
      const { answer, begin } = await actions(session, event, payloads[0]);
      if (session.closed) return;
      ack({ ok: true, ...answer });
      begin?.();
    } catch (error) {
      const refusal = wireError(error, report);
      counters.refused[refusal.code]++;
      ack({ ok: false, error: refusal });
    } finally {
      running--;
      if (running === 0) whenIdle?.();
    }
  };
  const idle = (): Promise<void> =>
    running === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve));
  return Object.assign(receive, { idle });
}

function wireError(error: unknown, report: Report) {
  if (error instanceof ChatError) return error.toWire();
  report('an event failed for an unknown reason', error);
  return new ChatError('unavailable').toWire();
}
