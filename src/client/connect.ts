import { Manager } from 'socket.io-client';
import type { WireError } from '../protocol/codes';
import type { Gap, Hello } from '../protocol/events';
import type { Auth } from '../protocol/schemas';
import type { ChatState } from './api';
import { Link } from './link';
import { ending, isFinal, refusal, type Bye, type ChatSocket, type Received } from './wire';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** What the owner of a connection does with what comes over it. */
export interface Receiver {
  /** Who to be and what to resume, asked anew for every connection. */
  auth(): Auth;
  hello(hello: Hello, link: Link): void;
  messages(entries: Received[]): void;
  gap(gap: Gap): void;
  lost(): void;
  /** A final refusal. True: `auth` will answer differently now, so try again. */
  refused(error: WireError): boolean;
  changed(): void;
}

/** Keeps one Socket.IO connection alive for ever, with growing and jittered delays. */
export class Connection {
  readonly #socket: ChatSocket;
  #state: ChatState = { kind: 'connecting', since: Date.now() };
  #link: Link | undefined;
  #bye: Bye | undefined;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: string | undefined,
    private readonly receiver: Receiver,
  ) {
    const manager = new Manager(url, {
      path: '/socket.io/',
      autoConnect: false,
      reconnectionDelay: FIRST_DELAY_MS,
      reconnectionDelayMax: LONGEST_DELAY_MS,
    });
    this.#socket = manager.socket('/', { auth: (give) => give(receiver.auth()) });
    this.#listen();
    this.#socket.connect();
  }

  get state(): ChatState {
    return this.#state;
  }

  connect(): void {
    if (this.#state.kind === 'online' || this.#state.kind === 'closed') return;
    clearTimeout(this.#timer);
    if (this.#state.kind === 'refused') this.#set({ kind: 'reconnecting', since: Date.now() });
    // Ends a wait of socket.io's own between two tries.
    this.#socket.disconnect().connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#set({ kind: 'closed' });
    this.#socket.disconnect();
  }

  #listen(): void {
    const { receiver } = this;
    this.#socket.on('hello', (hello) => this.#hello(hello));
    this.#socket.on('messages', (entries) => receiver.messages(entries));
    this.#socket.on('gap', (gap) => receiver.gap(gap));
    this.#socket.on('bye', (bye) => (this.#bye = bye));
    this.#socket.on('disconnect', () => this.#lost());
    this.#socket.on('connect_error', (error) => this.#failed(refusal(error)));
  }

  #hello(hello: Hello): void {
    this.#tries = 0;
    this.#bye = undefined;
    this.#link = new Link(this.#socket);
    this.#state = { kind: 'online', server: hello.server };
    this.receiver.hello(hello, this.#link);
    this.receiver.changed();
  }

  #lost(): void {
    this.#link?.end();
    this.#link = undefined;
    if (this.#state.kind === 'online') this.#set({ kind: 'reconnecting', since: Date.now() });
    this.receiver.lost();
    const end = this.#bye && ending(this.#bye);
    // Even if only the engine was closed, after which Socket.IO would come back by itself.
    if (end) this.#socket.disconnect();
    this.#failed(end);
  }

  /** Socket.IO comes back by itself from everything but a refusal and a disconnect by the server. */
  #failed(error: WireError | undefined): void {
    if (this.#socket.active || this.#state.kind === 'closed') return;
    if (error && isFinal(error.code) && !this.receiver.refused(error)) this.#set({ kind: 'refused', error });
    else this.#comeBack();
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
