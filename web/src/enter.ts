/** What is used of a key event. */
export interface KeyPress {
  key: string;
  code: string;
  keyCode: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
  preventDefault(): void;
}

/** Enter as people mean it: with or without the control key, as they chose. */
export function meansSend(
  press: Pick<KeyPress, 'shiftKey' | 'ctrlKey' | 'metaKey'>,
  enterSends: boolean,
): boolean {
  if (press.ctrlKey || press.metaKey) return !press.shiftKey;
  return enterSends && !press.shiftKey;
}

const HANGUL = /^[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff]+$/;

/**
 * The Enter key of one field, with input methods. Hangul has no list of candidates to confirm: one Enter is to
 * commit the syllable and to act, once, after the syllable is in the field. In any other script the Enter
 * that ends a composition belongs to the input method.
 *
 * Browsers differ: Chrome says `isComposing` and ends the composition afterwards; Safari ends it first and then
 * says 229; on Windows a first key is called `Process`, and the true Enter follows.
 */
export class EnterKey {
  #composing = false;
  /** In this very task. */
  #justEnded = false;
  #composed = '';
  /** To act as soon as the syllable is committed. */
  #waiting = false;
  #down = false;
  /** This press has acted already; its key is still down. */
  #spent = false;

  constructor(
    private readonly act: () => void,
    private readonly means: (press: KeyPress) => boolean,
    private readonly later: (then: () => void) => void = (then) => void setTimeout(then),
  ) {}

  compositionstart(): void {
    this.#composing = true;
    this.#composed = '';
  }

  compositionupdate({ data }: { data: string }): void {
    this.#composed = data;
  }

  compositionend({ data }: { data: string }): void {
    this.#composing = false;
    this.#composed = data || this.#composed;
    this.#justEnded = true;
    this.later(() => {
      this.#justEnded = false;
      this.#actIfWaiting();
    });
  }

  keydown(press: KeyPress): void {
    if (!isEnter(press) || !this.means(press)) return;
    this.#down = true;
    if (this.#spent) return press.preventDefault();
    if (!this.#isOfComposition(press)) {
      press.preventDefault();
      this.#spend();
    } else if (HANGUL.test(this.#composed)) {
      press.preventDefault();
      this.#waiting = true;
      if (!this.#composing) this.later(() => this.#actIfWaiting());
    }
  }

  /**
   * That of the letter before it may come later than Enter goes down, when one types fast. macOS tells no `keyup` of a
   * key that went up while Cmd was down: that of Cmd itself is the end of both.
   */
  keyup(press: Pick<KeyPress, 'key' | 'code' | 'keyCode'>): void {
    if (isEnter(press) || press.key === 'Meta') this.released();
  }

  /** The key is up, or nobody will hear when it is. */
  released(): void {
    this.#down = false;
    this.#spent = false;
  }

  /** Some browsers break the line after the key was refused to do so. */
  beforeinput(event: { inputType: string; preventDefault(): void }): void {
    if (this.#waiting && /^insert(LineBreak|Paragraph)$/.test(event.inputType)) event.preventDefault();
  }

  #isOfComposition({ isComposing, keyCode }: KeyPress): boolean {
    return isComposing || keyCode === 229 || this.#composing || this.#justEnded;
  }

  #actIfWaiting(): void {
    if (this.#waiting && !this.#composing) this.#spend();
  }

  #spend(): void {
    this.#waiting = false;
    // Who types fast has let go of the key before the syllable is committed: the next press is another.
    this.#spent = this.#down;
    this.act();
  }
}

const isEnter = ({ key, code, keyCode }: Pick<KeyPress, 'key' | 'code' | 'keyCode'>): boolean =>
  key === 'Enter' || (keyCode === 229 && (code === 'Enter' || code === 'NumpadEnter'));
