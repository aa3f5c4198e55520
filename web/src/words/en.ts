import type { Code } from '../../../src/client';

const reasons: Partial<Record<Code, string>> = {
  too_large: 'too long',
  forbidden: 'not allowed here',
  unavailable: 'Try again in a moment.',
  not_found: 'It is not there any more.',
  kicked: 'An operator ended your session.',
  auth_expired: 'Your session is over.',
  auth_required: 'Guests cannot enter here.',
};

const names = new Intl.ListFormat('en', { type: 'conjunction' });
const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'full' });
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'medium' });
const number = new Intl.NumberFormat('en');

/** Everything that the page says. Other languages have the same keys. */
export const en = {
  language: 'English',
  slogan: 'The chat that does not freeze.',
  tagline: 'Talk to everyone, whichever server each of you is on. Servers come and go; not a message does.',
  scene: {
    names: ['Mina', 'Jun'] as const,
    texts: [
      'How did the 10 o’clock rush go?',
      'Fine. Let me restart a server to show you.',
      'Still here. On another one.',
      'I did not notice a thing.',
    ] as const,
    event: 'chat-3002 restarts',
  },
  yourName: 'Your name',
  join: 'Join the chat',
  noAccount: 'No account needed.',
  badName: 'A name has 1 to 40 characters.',
  rooms: 'Rooms',
  newRoom: 'Add a room',
  add: 'Add',
  badRoom: 'Letters, digits and . _ : - only, at most 64.',
  leaveRoom: (room: string) => `Leave ${room}`,
  showRooms: 'Show rooms',
  hideRooms: 'Hide rooms',
  signOut: 'Change name',
  messages: (room: string) => `Messages in ${room}`,
  composer: (room: string) => `Message ${room}`,
  send: 'Send',
  sending: 'Sending',
  queued: 'Waiting to be stored',
  failed: 'Not sent',
  retry: 'Retry',
  discard: 'Delete',
  empty: 'No messages yet. Say hello.',
  loading: 'Loading',
  beginning: 'The conversation begins here.',
  jump: 'Jump to latest',
  unreadLine: 'New messages',
  toFirstUnread: (count: number) => `${number.format(count)} unread: go to the first`,
  messageGone: 'This message is not there any more.',
  copyLink: 'Copy link',
  search: (room: string) => `Search in ${room}`,
  searchHint: 'What was said',
  found: (count: number) => (count === 1 ? '1 message' : `${number.format(count)} messages`),
  nothingFound: 'Nothing was found.',
  notSearched: 'The search did not work.',
  moreFound: 'Show older ones',
  on: (server: string) => `Connected to ${server}`,
  connecting: 'Connecting',
  reconnecting: 'Reconnecting. What you wrote is safe.',
  refused: 'The server refused the connection.',
  roomRefused: 'You cannot enter this room.',
  tryAgain: 'Try again',
  said: (name: string, text: string) => `${name}: ${text}`,
  saidAt: (name: string, time: string, text: string) => `${name}, ${time}: ${text}`,
  ownAt: (time: string, text: string) => `You, ${time}: ${text}`,
  directs: 'Direct messages',
  direct: 'Direct message',
  hereNow: 'Here now',
  hereCount: (count: number) => `${number.format(count)} here`,
  andMore: (count: number) => `and ${number.format(count)} more`,
  talkTo: (name: string) => `Message ${name} directly`,
  noDirect: 'That did not work.',
  unread: (count: number) => `${number.format(count)} unread`,
  newOnes: (count: number) => `${number.format(count)} new`,
  typing: (people: string[]) =>
    people.length > 3
      ? 'Several people are typing'
      : `${names.format(people)} ${people.length > 1 ? 'are' : 'is'} typing`,
  actions: (name: string) => `Actions for the message of ${name}`,
  react: (emoji: string) => `React with ${emoji}`,
  reactions: (emoji: string, count: number) => `${emoji} ${number.format(count)}`,
  reply: 'Reply',
  replyingTo: (name: string) => `Replying to ${name}`,
  cancel: 'Cancel',
  close: 'Close',
  edit: 'Edit',
  editField: 'New text',
  save: 'Save',
  edited: 'edited',
  remove: 'Delete',
  reallyRemove: 'Delete this message for everyone?',
  removed: 'Deleted message',
  earlier: 'An earlier message',
  notDone: 'That did not work.',
  noOlder: 'Older messages could not be read.',
  settings: 'Settings',
  languageChoice: 'Language',
  theme: 'Colours',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  enterSends: 'Enter sends the message',
  enterBreaks: 'Otherwise Enter begins a new line, and Ctrl+Enter sends.',
  shortcuts: 'Keyboard shortcuts',
  showShortcuts: 'Show all shortcuts',
  searchShortcut: 'Search in this room',
  switchRoom: 'Go to a room or person',
  switchHint: 'Name of a room or person',
  noRoomFound: 'Nothing has this name.',
  openNew: (room: string) => `Open the room ${room}`,
  nextRoom: 'Next or previous room',
  sendShortcut: 'Send',
  newLine: 'New line',
  editLast: 'Edit your last message (in an empty field)',
  inMessages: 'Walk through the messages',
  messageActions: 'What can be done with the message',
  replyShortcut: 'Reply to the message',
  backOut: 'Cancel, close, or jump to the latest',
  /** Of an error that somebody who reads it can do something about. */
  reason: (code: Code): string | undefined => reasons[code],
  time: (at: number): string => clock.format(at),
  day: (at: number): string => day.format(at),
  moment: (at: number): string => moment.format(at),
};

/** The shape that every language has. */
export type Words = Widened<typeof en>;

type Widened<T> = T extends string
  ? string
  : T extends (...args: never[]) => unknown
    ? T
    : { [K in keyof T]: Widened<T[K]> };
