import { Type, type Static } from '@sinclair/typebox';
import { DEFAULT_PAGE, MAX_ID, MAX_PAGE, MAX_QUERY, MAX_ROOMS, MAX_SEQ, MAX_USER_ID } from './limits';

/**
 * The payloads that clients send, in one place. Types are derived from the schemas.
 * Room names and texts are checked further in names.ts: length there is in code points.
 */
const closed = { additionalProperties: false } as const;

const Room = Type.String({ minLength: 1, maxLength: 4_096 });
const Text = Type.String();
const Id = Type.String({ pattern: `^[\\x20-\\x7e]{1,${MAX_ID}}$` });
const Seq = Type.Integer({ minimum: 0, maximum: MAX_SEQ });
const Epoch = Type.String({ minLength: 1, maxLength: 64 });
const UserId = Type.String({ minLength: 1, maxLength: MAX_USER_ID });
const Token = Type.String({ minLength: 1, maxLength: 8_192 });
const Limit = Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE });

const RefSchema = Type.Object({ from: UserId, id: Id }, closed);
const PositionSchema = Type.Object({ epoch: Epoch, seq: Seq }, closed);

/** `auth` of the Socket.IO handshake. A token and a name exclude each other (identity.ts checks). */
export const Auth = Type.Object(
  {
    token: Type.Optional(Token),
    name: Type.Optional(Type.String({ maxLength: 4_096 })),
    rooms: Type.Optional(Type.Record(Type.String(), PositionSchema, { maxProperties: MAX_ROOMS })),
  },
  closed,
);

export const SendMessage = Type.Union([
  Text,
  Type.Object({ room: Room, text: Text, id: Type.Optional(Id), replyTo: Type.Optional(RefSchema) }, closed),
]);

export const EditMessage = Type.Object(
  { room: Room, target: RefSchema, text: Text, id: Type.Optional(Id) },
  closed,
);

export const DeleteMessage = Type.Object({ room: Room, target: RefSchema, id: Type.Optional(Id) }, closed);

export const React = Type.Object(
  { room: Room, target: RefSchema, emoji: Type.String(), on: Type.Boolean(), id: Type.Optional(Id) },
  closed,
);

export const Join = Type.Object({ room: Room, since: Type.Optional(PositionSchema) }, closed);

export const History = Type.Object(
  {
    room: Room,
    epoch: Type.Optional(Epoch),
    before: Type.Optional(Seq),
    after: Type.Optional(Seq),
    limit: Type.Optional(Limit),
  },
  closed,
);

export const Search = Type.Object(
  {
    room: Room,
    query: Type.String({ minLength: 1, maxLength: MAX_QUERY }),
    before: Type.Optional(Seq),
    limit: Type.Optional(Limit),
  },
  closed,
);

export const OnlyRoom = Type.Object({ room: Room }, closed);

export const Typing = Type.Object({ room: Room, active: Type.Boolean() }, closed);

export const MarkRead = Type.Object({ room: Room, epoch: Epoch, seq: Seq }, closed);

/** `cursor`: as an answer gave it. */
export const Members = Type.Object(
  { room: Room, cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })) },
  closed,
);

export const Nothing = Type.Object({}, closed);

export const OpenDirect = Type.Object({ user: UserId }, closed);

export const RefreshToken = Type.Object({ token: Token }, closed);

export type Auth = Static<typeof Auth>;
export type SendMessage = Static<typeof SendMessage>;
export type EditMessage = Static<typeof EditMessage>;
export type DeleteMessage = Static<typeof DeleteMessage>;
export type React = Static<typeof React>;
export type Join = Static<typeof Join>;
export type History = Static<typeof History>;
export type Search = Static<typeof Search>;
export type OnlyRoom = Static<typeof OnlyRoom>;
export type Typing = Static<typeof Typing>;
export type MarkRead = Static<typeof MarkRead>;
export type Members = Static<typeof Members>;
export type Nothing = Static<typeof Nothing>;
export type OpenDirect = Static<typeof OpenDirect>;
export type RefreshToken = Static<typeof RefreshToken>;

/** The schema of each client event's payload: the list of events that a server knows. */
export const clientEvents = {
  sendMessage: SendMessage,
  editMessage: EditMessage,
  deleteMessage: DeleteMessage,
  react: React,
  join: Join,
  history: History,
  search: Search,
  detach: OnlyRoom,
  leave: OnlyRoom,
  refreshToken: RefreshToken,
  typing: Typing,
  members: Members,
} as const;

export type ClientEvent = keyof typeof clientEvents;

/** A payload of each client event, as its schema describes it. */
export type Payloads = { [E in ClientEvent]: Static<(typeof clientEvents)[E]> };
