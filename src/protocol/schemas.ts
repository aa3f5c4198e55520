import { Type, type Static } from '@sinclair/typebox';
import { DEFAULT_PAGE, MAX_ID, MAX_PAGE, MAX_ROOMS, MAX_SEQ, MAX_USER_ID } from './limits';

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

const RefSchema = Type.Object(
  { from: Type.String({ minLength: 1, maxLength: MAX_USER_ID }), id: Id },
  closed,
);
const PositionSchema = Type.Object({ epoch: Epoch, seq: Seq }, closed);

/** `auth` of the Socket.IO handshake. A token and a name exclude each other (identity.ts checks). */
export const Auth = Type.Object(
  {
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 8_192 })),
    name: Type.Optional(Type.String({ maxLength: 4_096 })),
    rooms: Type.Optional(Type.Record(Type.String(), PositionSchema, { maxProperties: MAX_ROOMS })),
  },
  closed,
);

export const SendMessage = Type.Union([
  Text,
  Type.Object({ room: Room, text: Text, id: Type.Optional(Id), replyTo: Type.Optional(RefSchema) }, closed),
]);

export const Join = Type.Object({ room: Room, since: Type.Optional(PositionSchema) }, closed);

export const History = Type.Object(
  {
    room: Room,
    epoch: Type.Optional(Epoch),
    before: Type.Optional(Seq),
    after: Type.Optional(Seq),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE })),
  },
  closed,
);

export const OnlyRoom = Type.Object({ room: Room }, closed);

export type Auth = Static<typeof Auth>;
export type SendMessage = Static<typeof SendMessage>;
export type Join = Static<typeof Join>;
export type History = Static<typeof History>;
export type OnlyRoom = Static<typeof OnlyRoom>;

/** The schema of each client event's payload: the list of events that a server knows. */
export const clientEvents = {
  sendMessage: SendMessage,
  join: Join,
  history: History,
  detach: OnlyRoom,
  leave: OnlyRoom,
} as const;

export type ClientEvent = keyof typeof clientEvents;
