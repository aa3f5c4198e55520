import type { Code } from '../../src/client';

const en = {
  tagline: 'Talk to everyone, whichever server each of you is on.',
  yourName: 'Your name',
  join: 'Join',
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
  on: (server: string) => `Connected to ${server}`,
  connecting: 'Connecting',
  reconnecting: 'Reconnecting. What you wrote is safe.',
  refused: 'The server refused the connection.',
  roomRefused: 'You cannot enter this room.',
  tryAgain: 'Try again',
  self: 'You',
  said: (name: string, text: string) => `${name}: ${text}`,
};

const ko: typeof en = {
  tagline: '어느 서버에 있든 모두와 이야기할 수 있어요.',
  yourName: '이름',
  join: '들어가기',
  badName: '이름은 1자에서 40자까지 쓸 수 있어요.',
  rooms: '대화방',
  newRoom: '대화방 추가',
  add: '추가',
  badRoom: '글자, 숫자와 . _ : - 만 64자까지 쓸 수 있어요.',
  leaveRoom: (room) => `${room} 나가기`,
  showRooms: '대화방 목록 열기',
  hideRooms: '대화방 목록 닫기',
  signOut: '이름 바꾸기',
  messages: (room) => `${room} 대화`,
  composer: () => '메시지 입력',
  send: '보내기',
  sending: '보내는 중',
  queued: '저장을 기다리는 중',
  failed: '보내지 못했어요',
  retry: '다시 보내기',
  discard: '지우기',
  empty: '아직 대화가 없어요. 먼저 인사해 보세요.',
  loading: '불러오는 중',
  beginning: '여기서 대화가 시작됐어요.',
  jump: '최신 메시지로',
  on: (server) => `${server}에 연결됨`,
  connecting: '연결하고 있어요',
  reconnecting: '연결이 끊겨 다시 연결하고 있어요. 쓴 글은 그대로 있어요.',
  refused: '서버가 연결을 받아 주지 않았어요.',
  roomRefused: '이 대화방에는 들어갈 수 없어요.',
  tryAgain: '다시 시도하기',
  self: '나',
  said: (name, text) => `${name}님: ${text}`,
};

/** Reasons that somebody who reads them can do something about. */
const reasons: Record<'en' | 'ko', Partial<Record<Code, string>>> = {
  en: {
    too_large: 'too long',
    forbidden: 'not allowed here',
    kicked: 'An operator ended your session.',
    auth_required: 'Guests cannot enter here.',
  },
  ko: {
    too_large: '너무 길어요',
    forbidden: '허용되지 않아요',
    kicked: '운영자가 연결을 끊었어요.',
    auth_required: '손님은 들어갈 수 없어요.',
  },
};

export const language = navigator.language.startsWith('ko') ? 'ko' : 'en';
export const words = { en, ko }[language];
export const reason = (code: Code): string | undefined => reasons[language][code];

const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(language, { dateStyle: 'full' });
export const timeOfDay = (at: number): string => clock.format(at);
export const dayOf = (at: number): string => day.format(at);
