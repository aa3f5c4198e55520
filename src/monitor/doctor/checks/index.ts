import type { Check } from '../types';
import { notDeaf } from './deaf';
import { descriptorsLeft } from './descriptors';
import { fanOutSaturates } from './fan-out-saturates';
import { garbageCollection } from './garbage-collection';
import { hostStarved } from './host-starved';
import { loopBlocked } from './loop-blocked';
import { outboxEmpty } from './outbox-empty';
import { overload } from './overload';
import { planHolds } from './plan-holds';
import { pollingShare } from './polling-share';
import { reconnectStorm } from './reconnect-storm';
import { recordIsKept } from './record-goes-on';
import { redisHasRoom, redisIsFast, redisKeeps } from './redis';
import { serversAnswer } from './servers-answer';
import { skew } from './skew';
import { typingStorm } from './typing-storm';

/** In the order in which they are shown: what hurts most first. */
export const checks: Check[] = [
  serversAnswer,
  planHolds,
  overload,
  fanOutSaturates,
  loopBlocked,
  garbageCollection,
  hostStarved,
  redisIsFast,
  redisHasRoom,
  redisKeeps,
  notDeaf,
  outboxEmpty,
  skew,
  pollingShare,
  reconnectStorm,
  typingStorm,
  descriptorsLeft,
  recordIsKept,
];
