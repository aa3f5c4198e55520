import { checkRoomModel } from '../unit/client-room-model';

test('[CLIENT-29] over millions of steps a room shows the log, what waits and what is unsent, each once', () => {
  checkRoomModel(50_000, 100);
}, 900_000);
