import type { History, HistoryEvent } from '../../../src/protocol/ops';
import { delay, type Clock } from './figures';
import { useOpsWords, type Words } from './words';

const SHOWN = 50;

/** What happened, the newest first. */
export function Events({ history, clock }: { history: History; clock: Clock }) {
  const words = useOpsWords();
  const events = history.events.slice(-SHOWN).reverse();
  return (
    <>
      <h2>{words.events}</h2>
      {events.length === 0 && <p>{words.noEvents}</p>}
      <ul className="events">
        {events.map((event) => (
          <li key={`${event.kind} ${event.from} ${'server' in event ? event.server : ''}`}>
            <span className="kind" data-kind={event.kind}>
              {words.kinds[event.kind]}
            </span>
            <time>{`${clock(event.from)}–${clock(event.to)}`}</time>
            <span>{sentence(event, words)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function sentence(event: HistoryEvent, words: Words): string {
  if (event.kind === 'deploy') return words.deploy;
  if (event.kind === 'restart') return words.restart(event.server);
  const { server, longestMs, computing } = event;
  const why = computing === null ? '' : computing ? words.computing : words.waiting;
  return words.freeze(server, longestMs === null ? '' : `, ${delay(longestMs)}`, why);
}
