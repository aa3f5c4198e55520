import type { Dialect } from './client';
import type { Link, Target } from './connection';
import { anyServer, ours } from './dialects';
import { openWebSocket } from './websocket';

const ANSWERS_WITHIN_MS = 5_000;
/** Our servers say hello at once. */
const HELLO_WITHIN_MS = 1_500;

/** Which wire a server speaks: asks as one client. Rejects with the reason if it is no Socket.IO server. */
export function detectDialect(target: Target, auth: object): Promise<Dialect> {
  return new Promise((resolve, reject) => {
    const over = (act: () => void): void => {
      clearTimeout(timer);
      link.close();
      act();
    };
    let timer = setTimeout(() => over(() => reject(new Error('no answer'))), ANSWERS_WITHIN_MS);
    const packet = (bytes: Buffer, start: number, end: number): void => {
      const text = bytes.toString('utf8', start, end);
      if (text.startsWith('0')) link.send(`40${JSON.stringify(auth)}`);
      if (text.startsWith('42["hello"')) over(() => resolve(ours));
      if (text.startsWith('44')) over(() => reject(new Error(`refused: ${text.slice(2)}`)));
      if (!text.startsWith('40')) return;
      clearTimeout(timer);
      timer = setTimeout(() => over(() => resolve(anyServer)), HELLO_WITHIN_MS);
    };
    const ended = (reason: string): void => over(() => reject(new Error(reason)));
    const link: Link = openWebSocket(target, 0, { packet, ended });
  });
}
