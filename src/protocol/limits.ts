/** The limits of the wire contract, version 1. Clients may rely on them; servers enforce them. */
export const CONTRACT_VERSION = 1;

/** Longest text of a message, in Unicode code points. */
export const MAX_TEXT = 4_000;
/** Longest room name, in code points after NFC. */
export const MAX_ROOM = 64;
/** Longest user name, in code points after NFC. */
export const MAX_NAME = 40;
/** Longest entry id, in printable ASCII characters. */
export const MAX_ID = 64;
/** Longest user id that a payload may carry, in UTF-16 units. */
export const MAX_USER_ID = 256;
/** Rooms that one connection may have joined at a time. */
export const MAX_ROOMS = 100;
/** Rooms that a user may be a member of. */
export const MAX_MEMBERSHIPS = 1_000;
/** Largest packet a client may send, in bytes; a larger one closes the connection. */
export const MAX_PACKET = 64 * 1024;
/** A `since` this many entries behind head, or fewer, is caught up entry by entry. */
export const MAX_BEHIND = 1_000;
/** Messages in a join answer that does not continue a run. */
export const JOIN_PAGE = 100;
/** Messages in a history page: the most, and the number without `limit`. */
export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 50;
/** Longest search query, in UTF-16 units. */
export const MAX_QUERY = 256;
/** Longest emoji of a reaction, in code points; different emoji, and reactions of all people, on one message. */
export const MAX_EMOJI = 16;
export const MAX_EMOJI_KINDS = 50;
export const MAX_REACTIONS = 1_000;
/** Edits of one message. */
export const MAX_EDITS = 100;
/** A page of messages has no more bytes than this, as far as that is possible with one message. */
export const MAX_PAGE_BYTES = 256 * 1024;
/** The same for the page of a join. */
export const MAX_JOIN_BYTES = 1024 * 1024;
/** Members in a page of `members`; in a room with more `presence` carries the count alone. */
export const MAX_MEMBERS = 200;
/** Senders repeat `typing` with `active: true` this often; receivers drop the mark so long after the last one. */
export const TYPING_REPEAT_MS = 3_000;
export const TYPING_EXPIRES_MS = 6_000;
/** Largest safe seq. */
export const MAX_SEQ = Number.MAX_SAFE_INTEGER;
/** The room that every connection is in from the start. */
export const LOBBY = 'lobby';
