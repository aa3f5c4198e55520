import type { WireError } from '../protocol/codes';
import type { Hello } from '../protocol/events';
import type { Auth } from '../protocol/schemas';
import type { ChatOptions, ChatState } from './api';
import { Link } from './link';
import { openSocket, type OneSocket } from './socket';
import { ending, isFinal, refusal, type Bye, type Incoming } from './wire';

/** Between a loss and the first try, or two tries: doubled each time, ms. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

type Move = Parameters<Incoming['move']>[0];

/** Events that are the owner's matter alone. */
export type Handlers = Omit<Incoming, 'hello' | 'bye' | 'move'>;

/** What the owner of a connection does with what comes over it. */
export interface Receiver {
  readonly handlers: Handlers;
  /** Who to be and what to resume, asked anew for every connection. */
  auth(): Auth | Promise<Auth>;
  hello(hello: Hello, link: Link): void;
  lost(): void;
  /** A final refusal. True: `auth` will answer differently now, so try again. */
  refused(error: WireError): boolean;
  changed(): void;
}

/** Keeps one Socket.IO connection alive for ever, with growing and jittered delays. */
export class Connection {
  readonly #one: OneSocket;
  #state: ChatState = { kind: 'connecting', since: Date.now() };
  #link: Link | undefined;
  #bye: Bye | undefined;
  #tries = 0;
  /** Of the next try, or of a move. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    options: ChatOptions,
    private readonly receiver: Receiver,
  ) {
    const withoutAuth = (): void => this.#withoutAuth();
    this.#one = openSocket(options, { auth: () => receiver.auth(), withoutAuth });
    this.#listen();
    this.#socket.connect();
  }

  get state(): ChatState {
    return this.#state;
  }

  get #socket() {
    return this.#one.socket;
  }

  connect(): void {
    if (this.#state.kind === 'online' || this.#state.kind === 'closed') return;
    if (this.#state.kind === 'refused') this.#set({ kind: 'reconnecting', since: Date.now() });
    this.#connectAnew();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#set({ kind: 'closed' });
    this.#socket.disconnect();
  }

  #listen(): void {
    const { handlers } = this.receiver;
    for (const event of Object.keys(handlers) as (keyof Handlers)[])
      this.#socket.on(event, handlers[event] as () => void);
    this.#socket.on('hello', (hello) => this.#hello(hello));
    this.#socket.on('bye', (bye) => (this.#bye = bye));
    this.#socket.on('move', (move) => this.#move(move));
    this.#socket.on('disconnect', () => this.#lost());
    this.#socket.on('connect_error', (error) => this.#failed(refusal(error)));
  }

  #hello(hello: Hello): void {
    this.#tries = 0;
    this.#bye = undefined;
    this.#one.prefer(undefined);
    this.#link = new Link(this.#socket);
    this.#state = { kind: 'online', server: hello.server };
    this.receiver.hello(hello, this.#link);
    this.receiver.changed();
  }

  /** At a moment of its own, so that those who are asked to move do not all arrive at once. */
  #move({ withinMs, server }: Move): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#one.prefer(server);
        this.#connectAnew();
      },
      withinMs * (0.1 + 0.8 * Math.random()),
    );
  }

  /** Ends a connection, or the wait between two tries. */
  #connectAnew(): void {
    this.#socket.disconnect().connect();
    clearTimeout(this.#timer);
  }

  #lost(): void {
    clearTimeout(this.#timer);
    this.#link?.end();
    this.#link = undefined;
    if (this.#state.kind === 'online') this.#set({ kind: 'reconnecting', since: Date.now() });
    this.receiver.lost();
    const end = this.#bye && ending(this.#bye);
    this.#bye = undefined;
    this.#failed(end);
  }

  #failed(error: WireError | undefined): void {
    if (this.#state.kind === 'closed') return;
    if (error && isFinal(error.code) && !this.receiver.refused(error)) this.#set({ kind: 'refused', error });
    else this.#comeBack();
  }

  #withoutAuth(): void {
    this.#socket.disconnect();
    this.#comeBack();
  }

  #comeBack(): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#tries++, LONGEST_DELAY_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.connect(), delay * (0.5 + Math.random() / 2));
  }

  #set(state: ChatState): void {
    this.#state = state;
    this.receiver.changed();
  }
}
