import type { Agent } from 'node:http';
import { io } from 'socket.io-client';
import type { Position } from '../protocol/entries';
import { LOBBY } from '../protocol/limits';
import type { EntryPool } from './entry-pool';
import type { FinalLog, Journal, JournalEvent, Send, Wanted } from './journal';
import { Memberships } from './memberships';
import { readLog } from './read-log';
import { Sending } from './sending';
import { busy } from './sources';
import { waitUntil } from './waiting';
import { ANSWER_WITHIN_MS, emitSend, type ClientSocket } from './wire';

/** How a client gets through: `upgrade` starts with polling and changes to WebSocket, as browsers do. */
export type Transport = 'polling' | 'websocket' | 'upgrade';
const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

/** A good-bye by polling is a request: cut off, the server would wait for a heartbeat. */
const GOODBYE_WITHIN_MS = 2_000;

export interface ClientOptions {
  url: string;
  name: string;
  transport: Transport;
  agent: Agent;
  /** Beside the lobby, in which everybody is. */
  rooms: string[];
  entries: EntryPool;
  /** Where it takes up the rooms, as if it had been there before. */
  positions?: ReadonlyMap<string, Position>;
}

/** One stock socket.io-client that does what the contract asks of clients, with a journal of all of it. */
export class CrowdClient {
  readonly journal: Journal;
  readonly memberships: Memberships;
  readonly sending: Sending;
  private readonly socket: ClientSocket;
  private connection = 0;
  private closed = false;

  constructor(private readonly options: ClientOptions) {
    const { name, rooms, entries } = options;
    this.journal = { client: name, sends: [], events: [] };
    this.socket = this.listen();
    this.sending = new Sending(
      {
        connection: () => this.connection,
        ready: (room) => this.memberships.isIn(room),
        emit: (send, heard) =>
          emitSend(this.socket.timeout(ANSWER_WITHIN_MS), send, (timeout, answer) =>
            heard(timeout ? undefined : answer),
          ),
      },
      (send, words) => this.refused(send, words),
    );
    const flush = (): void => this.sending.flush();
    this.memberships = new Memberships(this.socket, rooms, entries, this.note, flush, options.positions);
  }

  connect(): void {
    this.socket.connect();
  }

  /** Goes, as a user does who closes the page. */
  async leave(): Promise<void> {
    const { agent } = this.options;
    this.socket.disconnect();
    await waitUntil(() => !busy(agent), GOODBYE_WITHIN_MS);
    agent.destroy();
  }

  /** Leaves without a note: the journal ends with a connected client. */
  async close(): Promise<void> {
    this.closed = true;
    await this.leave();
  }

  /** The server it is on, as `hello` named it. */
  get server(): string | undefined {
    return this.journal.events.findLast((event) => event.type === 'hello')?.hello.server;
  }

  /** The transport in use: `polling` or `websocket`. */
  get transport(): string | undefined {
    return this.socket.io.engine?.transport.name;
  }

  /** Beside the lobby. */
  get rooms(): string[] {
    return this.options.rooms;
  }

  /** Whether it is connected and receives all its rooms. */
  get ready(): boolean {
    return [LOBBY, ...this.options.rooms].every((room) => this.memberships.isIn(room));
  }

  /** Sends as soon as the room is joined. A plain string to the lobby, if there is no id. */
  send(wanted: Wanted): void {
    const send: Send = { ...wanted, attempts: [] };
    this.journal.sends.push(send);
    this.sending.add(send);
  }

  /** Reads the newest page of a room, if it is in it. */
  readPage(room: string): void {
    if (!this.memberships.isIn(room)) return;
    const known = this.memberships.at(room);
    this.socket.timeout(ANSWER_WITHIN_MS).emit('history', { room }, (timeout, answer) => {
      if (timeout) return;
      if (answer.ok) this.note({ type: 'history', answer, known });
      else this.note({ type: 'error', what: `history of ${room}: ${answer.error.code}` });
    });
  }

  /** Reads the room's messages as they are now, after `begin`. Rejects without an answer, or if refused. */
  readLog(room: string, begin: Position | undefined): Promise<FinalLog> {
    return readLog(
      (asked) => this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck('history', asked),
      room,
      begin,
    );
  }

  private listen(): ClientSocket {
    const { url, name, transport, agent } = this.options;
    const socket: ClientSocket = io(url, {
      transports: transports[transport],
      // Both transports hand it to Node's http, which takes an agent; the type knows the browser's values.
      agent: agent as unknown as boolean,
      auth: (give) => give({ name, rooms: this.memberships.resume() }),
      autoConnect: false,
      forceNew: true,
    });
    socket.on('connect', () => void this.connection++);
    socket.on('connect_error', (error) => this.error('connect', error));
    socket.io.on('open', () => {
      socket.io.engine.on('upgradeError', (error) => this.error('upgrade', error));
    });
    return socket;
  }

  /** The HTTP status of a refused handshake lies in `description`, a coded refusal in `data`. */
  private error(step: string, error: Error & { description?: unknown; data?: unknown }): void {
    const { message, description: status, data } = error;
    const detail = typeof status === 'number' ? ` ${status}` : data ? ` ${JSON.stringify(data)}` : '';
    this.note({ type: 'error', what: `${step}: ${message}${detail}` });
  }

  private refused({ kind, room }: Send, words: string): void {
    // Its author may have deleted the target meanwhile; the checker says whether he had.
    if (kind !== 'message' && words === 'not_found') return;
    this.note({ type: 'error', what: `${kind} to ${room}: ${words}` });
  }

  private readonly note = (event: JournalEvent): void => {
    if (!this.closed) this.journal.events.push(event);
  };
}
