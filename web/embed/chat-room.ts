import { ChatError, createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import { LOBBY } from '../../src/protocol/limits';
import { spoken, wordsIn, type Words } from '../src/words';
import { make } from './make';
import { RoomView } from './room-view';
import css from './style.css?inline';

/** Where this script came from: a fleet. */
const ORIGIN = new URL((document.currentScript as HTMLScriptElement | null)?.src ?? location.href).origin;
/** Without any connection for so long, whoever builds the page is told what to look at. */
const HINT_AFTER_MS = 5_000;

type Token = ChatOptions['token'];

/**
 * `<chat-room room="lobby" name="Ann">`: a room of a fleet on any page. Attributes: `room`, `server` (origin of the
 * fleet, the script's own by default), `name` of a guest or `token`, `lang`. It keeps nothing in cookies.
 */
class ChatRoom extends HTMLElement {
  static readonly observedAttributes = ['server', 'room', 'name', 'token', 'lang'];

  readonly #root = this.attachShadow({ mode: 'open' });
  #token: Token;
  #chat: Chat | undefined;
  #view: RoomView | undefined;
  /** What was begun, by room. */
  readonly #drafts = new Map<string, string>();
  /** What the open connection was made of. */
  #opened: string | undefined;
  #queued = false;
  #hint: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const style = new CSSStyleSheet();
    style.replaceSync(css);
    this.#root.adoptedStyleSheets = [style];
    // The page's own shortcuts are not for what is typed here, and cannot see that it is typed in a field.
    for (const type of ['keydown', 'keypress', 'keyup'])
      this.#root.addEventListener(type, (event) => event.stopPropagation());
  }

  /** A JWT, or a function that is asked for one at each connection and before one expires. */
  get token(): Token {
    return this.#token ?? this.getAttribute('token') ?? undefined;
  }

  set token(token: Token) {
    this.#token = token;
    this.#opened = undefined;
    this.#soon();
  }

  connectedCallback(): void {
    // It may have been set before this script ran, and would hide the accessor.
    if (Object.hasOwn(this, 'token')) {
      const { token } = this;
      delete (this as { token?: Token }).token;
      this.token = token;
    }
    this.#soon();
  }

  disconnectedCallback(): void {
    this.#soon();
  }

  attributeChangedCallback(name: string): void {
    if (name === 'lang' && this.#chat) this.#draw(this.#chat);
    else this.#soon();
  }

  /** Several changes at once, or a move to another place of the page, are one. */
  #soon(): void {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      this.#follow();
    });
  }

  #follow(): void {
    const wanted = this.isConnected
      ? JSON.stringify(['server', 'room', 'name', 'token'].map((name) => this.getAttribute(name)))
      : undefined;
    if (wanted !== undefined && wanted === this.#opened) return;
    this.#close();
    this.#opened = wanted;
    if (wanted !== undefined) this.#open();
  }

  #open(): void {
    const url = this.getAttribute('server') ?? ORIGIN;
    const { token } = this;
    const name = this.getAttribute('name');
    const chat = createChat({
      url,
      ...(token !== undefined ? { token } : name !== null && { name }),
    });
    this.#chat = chat;
    this.#hint = setTimeout(() => {
      if (chat.state.kind !== 'connecting') return;
      console.warn(
        `<chat-room>: no connection to ${url}. If it runs, its setting ALLOWED_ORIGINS has to name ${location.origin}.`,
      );
    }, HINT_AFTER_MS);
    this.#draw(chat);
  }

  #close(): void {
    clearTimeout(this.#hint);
    this.#endView();
    this.#chat?.close();
    this.#chat = undefined;
    this.#root.replaceChildren();
  }

  #endView(): void {
    if (!this.#view) return;
    this.#view.end();
    this.#drafts.set(this.#view.room.name, this.#view.composer.text);
    this.#view = undefined;
  }

  #draw(chat: Chat): void {
    this.#endView();
    const words = this.#words();
    const room = roomOf(chat, this.getAttribute('room') ?? LOBBY);
    if (room) {
      this.#view = new RoomView(chat, room, words, this.#drafts.get(room.name) ?? '');
      this.#root.replaceChildren(this.#view.element);
    } else this.#root.replaceChildren(make('p', { class: 'bad-room', role: 'alert' }, words.badRoom));
  }

  /** As the attribute says, or the page around, or the browser. */
  #words(): Words {
    const around = this.closest<HTMLElement>('[lang]')?.lang;
    return wordsIn[spoken(around ? [around] : navigator.languages)];
  }
}

/** Undefined for a name that no room can have. */
function roomOf(chat: Chat, name: string): Room | undefined {
  try {
    return chat.room(name);
  } catch (error) {
    if (error instanceof ChatError) return undefined;
    throw error;
  }
}

if (!customElements.get('chat-room')) customElements.define('chat-room', ChatRoom);
