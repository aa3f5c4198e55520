import { TokenBucket } from '../../src/server/flow/token-bucket';

/** Limits of a session that limit nothing. */
export const noLimits = () => ({
  sends: new TokenBucket(0, 1),
  joins: new TokenBucket(0, 1),
  user: { takeSend: () => 0 },
});
