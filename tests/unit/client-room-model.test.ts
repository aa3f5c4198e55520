import { checkRoomModel } from './client-room-model';

test('[CLIENT-29] a room shows the log, what waits and what is unsent, each once, whatever comes in whatever order', () => {
  checkRoomModel(1_000, 60);
});
