import { ChatError, createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import { LOBBY } from '../../src/protocol/limits';
import { spoken, wordsIn, type Language } from '../src/words';
import { make } from './make';
import { RoomView } from './room-view';
import palette from '../src/style/palette.css?inline';
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
  /** What was begun, by room; and by whom, once that is known. */
  readonly #drafts = new Map<string, string>();
  #writer: string | undefined;
  /** What says who one is, and whether it is others than those that the drafts were begun with. */
  #identity: unknown[] | undefined;
  #held = false;
  /** What the open connection was made of. */
  #opened: string | undefined;
  #queued = false;
  #hint: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const style = new CSSStyleSheet();
    style.replaceSync(palette + css);
    this.#root.adoptedStyleSheets = [style];
    // The page's own shortcuts are not for what is typed here, and cannot see that it is typed in a field.
    for (const type of ['keydown', 'keypress', 'keyup'] as const)
      this.#root.addEventListener(type, keepTyping as EventListener);
  }

  /** A JWT, or a function that is asked for one at each connection and before one expires. */
  get token(): Token {
    return this.#token ?? this.getAttribute('token') ?? undefined;
  }

  set token(token: Token) {
    const before = this.#token;
    if (token === before) return;
    this.#token = token;
    // Frameworks make the function anew each time they draw: the next question goes to the new one.
    if (typeof token === 'function' && typeof before === 'function') return;
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
      ...(token !== undefined ? { token: this.#asked(token) } : name !== null && { name }),
    });
    this.#chat = chat;
    const identity = [url, name, token];
    this.#held ||= this.#identity?.some((part, i) => part !== identity[i]) ?? false;
    this.#identity = identity;
    chat.onChange(() => this.#claim(chat));
    this.#hint = setTimeout(() => {
      if (chat.state.kind !== 'connecting') return;
      console.warn(
        `<chat-room>: no connection to ${url}. If it runs, its setting ALLOWED_ORIGINS has to name ${location.origin}.`,
      );
    }, HINT_AFTER_MS);
    this.#draw(chat);
  }

  /** A function is asked for as it is by then. */
  #asked(token: NonNullable<Token>): NonNullable<Token> {
    if (typeof token === 'string') return token;
    return () => (typeof this.#token === 'function' ? this.#token() : token());
  }

  /** What somebody began is for nobody else: it is shown to the same user, and forgotten for another one. */
  #claim(chat: Chat): void {
    const id = chat.user?.id;
    if (id === undefined || chat !== this.#chat) return;
    const same = id === this.#writer;
    if (!same && (this.#held || this.#writer !== undefined)) {
      this.#drafts.clear();
      if (!this.#held) this.#view?.composer.clear();
    } else if (this.#held && this.#view)
      this.#view.composer.begin(this.#drafts.get(this.#view.room.name) ?? '');
    this.#held = false;
    this.#writer = id;
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
    if (!this.#held) this.#drafts.set(this.#view.room.name, this.#view.composer.text);
    this.#view = undefined;
  }

  #draw(chat: Chat): void {
    this.#endView();
    const lang = this.#language();
    const words = wordsIn[lang];
    const room = roomOf(chat, this.getAttribute('room') ?? LOBBY);
    if (room) {
      const begun = this.#held ? '' : (this.#drafts.get(room.name) ?? '');
      this.#view = new RoomView(chat, room, words, begun);
      this.#view.element.lang = lang;
      this.#root.replaceChildren(this.#view.element);
    } else this.#root.replaceChildren(make('p', { class: 'bad-room', role: 'alert', lang }, words.badRoom));
  }

  /** As the attribute says, or the page around, or the browser. */
  #language(): Language {
    const around = this.closest<HTMLElement>('[lang]')?.lang;
    return spoken(around ? [around] : navigator.languages);
  }
}

/** Escape is for the page too, which may close what the element is in; but for what is being composed. */
function keepTyping(event: KeyboardEvent): void {
  const inField = event.target instanceof HTMLTextAreaElement;
  if (inField && (event.key !== 'Escape' || event.isComposing)) event.stopPropagation();
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
