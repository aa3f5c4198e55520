import { ChatError } from './codes';
import { MAX_EMOJI, MAX_NAME, MAX_ROOM, MAX_TEXT } from './limits';

// Letters, marks and decimal digits of any script, and . _ : -
const ROOM = /^[\p{L}\p{M}\p{Nd}._:-]+$/u;
const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;
const BLANK = /^[\s\p{Z}\p{Cf}]*$/u;

/** Length in Unicode code points, without building an array. */
export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) i++;
    count++;
  }
  return count;
}

/** The one spelling of a room's name (NFC). Throws `invalid`. */
export function roomName(name: string): string {
  const room = name.normalize('NFC');
  if (!ROOM.test(room) || codePoints(room) > MAX_ROOM) {
    throw new ChatError('invalid', `room: 1 to ${MAX_ROOM} letters, digits, or any of . _ : -`);
  }
  return room;
}

/** The one spelling of a user's name (NFC). Throws `invalid`. */
export function userName(raw: string): string {
  const name = raw.normalize('NFC');
  const length = codePoints(name);
  if (
    length === 0 ||
    length > MAX_NAME ||
    CONTROL.test(name) ||
    LONE_SURROGATE.test(name) ||
    BLANK.test(name)
  ) {
    throw new ChatError('invalid', `name: 1 to ${MAX_NAME} characters, not blank, no control characters`);
  }
  return name;
}

/** Checks the text of a message, which is stored unchanged. Throws `invalid` or `too_large`. */
export function checkText(text: string): void {
  // A code point has at most two units, so a longer string needs no counting.
  if (text.length > 2 * MAX_TEXT || codePoints(text) > MAX_TEXT) {
    throw new ChatError('too_large', `text: at most ${MAX_TEXT} characters`);
  }
  if (LONE_SURROGATE.test(text)) throw new ChatError('invalid', 'text: has a lone surrogate');
  if (BLANK.test(text)) throw new ChatError('invalid', 'text: is blank');
}

const EMOJI = /^[^\s\p{Z}\p{Cc}\p{Cs}]+$/u;

/** Checks the emoji of a reaction: short, without blanks; servers do not know which emoji there are. Throws `invalid`. */
export function checkEmoji(emoji: string): void {
  if (!EMOJI.test(emoji) || BLANK.test(emoji) || codePoints(emoji) > MAX_EMOJI) {
    throw new ChatError('invalid', `emoji: 1 to ${MAX_EMOJI} characters without blanks`);
  }
}
