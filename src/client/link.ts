import type { WireError } from '../protocol/codes';
import { isFinal, type AnswerTo, type ChatSocket, type Payload, type Request } from './wire';

/** How long one try waits for its answer. */
export const ANSWER_WITHIN_MS = 5_000;
const ASK_AGAIN_AFTER_MS = 1_000;

/** There is no link to ask on. */
export const AWAY: WireError = {
  code: 'unavailable',
  message: 'Not connected',
  retryAfterMs: ASK_AGAIN_AFTER_MS,
};
const NO_ANSWER: WireError = { code: 'unavailable', message: 'No answer', retryAfterMs: ASK_AGAIN_AFTER_MS };

type Answered<R extends Request> = (answer: AnswerTo<R>) => void;
type Emit = (
  event: string,
  payload: unknown,
  answered: (error: Error | null, answer: unknown) => void,
) => void;

/**
 * One connection, from its `hello` to its end. Answers come by callback, not by promise, because a
 * promise would let packets that follow the answer overtake it, and the run would seem to have a hole.
 */
export class Link {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #open = true;

  constructor(private readonly socket: ChatSocket) {}

  /** Asks once. No answer within 5 s, or before the end of the link, reads as `unavailable`. */
  ask<R extends Request>(request: R, payload: Payload<R>, answered: Answered<R>): void {
    const emit = this.socket.timeout(ANSWER_WITHIN_MS).emit.bind(this.socket) as Emit;
    emit(request, payload, (error, answer) => {
      answered(error ? ({ ok: false, error: NO_ANSWER } as AnswerTo<R>) : (answer as AnswerTo<R>));
    });
  }

  /** Asks until the answer is not a temporary refusal. After the end of the link it answers nothing. */
  insist<R extends Request>(request: R, payload: Payload<R>, answered: Answered<R>): void {
    this.ask(request, payload, (answer) => {
      if (!this.#open) return;
      if (answer.ok || isFinal(answer.error.code)) answered(answer);
      else this.later(answer.error, () => this.insist(request, payload, answered));
    });
  }

  /** Goes on when the error says that asking again makes sense, with jitter; not at all once the link ended. */
  later(error: WireError, goOn: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        goOn();
      },
      (error.retryAfterMs ?? ASK_AGAIN_AFTER_MS) * (1 + Math.random() / 2),
    );
    this.#timers.add(timer);
  }

  end(): void {
    this.#open = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
