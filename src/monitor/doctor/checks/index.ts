import type { Check } from '../types';
import { descriptorsLeft } from './descriptors';
import { fanOutSaturates } from './fan-out-saturates';
import { hostStarved } from './host-starved';
import { loopBlocked } from './loop-blocked';
import { outboxEmpty } from './outbox-empty';
import { planHolds } from './plan-holds';
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
  fanOutSaturates,
  loopBlocked,
  hostStarved,
  redisIsFast,
  redisHasRoom,
  redisKeeps,
  outboxEmpty,
  skew,
  reconnectStorm,
  typingStorm,
  descriptorsLeft,
  recordIsKept,
];
