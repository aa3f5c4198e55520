import { askServer, Unanswered, type Operator } from './ask-server';
import { FleetError } from './errors';

export interface KickResult {
  user: string;
  /** Connections that were ended. */
  ended: number;
  /** Whether every server is known to have done it: one has reached all others, or each was asked itself. */
  everywhere: boolean;
  /** Which servers gave no answer, and why. */
  problems: string[];
  /** Of the ban, ms since 1970; 0 for ever; missing without a ban. */
  until?: number;
}

/** What one server says of a kick. */
type Answer = Omit<KickResult, 'problems'>;

export interface Ban {
  user: string;
  until: number;
}

/**
 * Ends all connections of a user on every server, and bans him for `banMs` (0: for ever) if given. Asks one server,
 * and if that has not reached all, all others: then each has ended its own. Throws FleetError.
 */
export async function kick(operator: Operator, user: string, banMs?: number): Promise<KickResult> {
  const body = { user, ...(banMs !== undefined && { banMs }) };
  const results: Answer[] = [];
  const problems: string[] = [];
  const [first, ...others] = operator.servers;
  for (const servers of [[first!], others]) {
    const asked = servers.map((server) =>
      askServer<Answer>(server, operator.secret, 'kick', body).catch((error: Unanswered) => error),
    );
    for (const answer of await Promise.all(asked))
      if (answer instanceof Unanswered) problems.push(answer.message);
      else results.push(answer);
    if (results.some(({ everywhere }) => everywhere)) break;
  }
  const last = results.at(-1);
  if (!last) throw nobodyDid(problems, 'Nobody was kicked or banned.');
  const ended = results.reduce((sum, result) => sum + result.ended, 0);
  return {
    ...last,
    ended,
    everywhere: results.some((result) => result.everywhere) || problems.length === 0,
    problems,
  };
}

/** Takes a user off the list of bans; resolves with whether he was on it. Throws FleetError. */
export async function unban(operator: Operator, user: string): Promise<{ user: string; wasBanned: boolean }> {
  return firstAnswer(operator, 'unban', { user });
}

/** Who is banned at the moment. Throws FleetError. */
export async function bans(operator: Operator): Promise<{ bans: Ban[] }> {
  return firstAnswer(operator, 'bans');
}

async function firstAnswer<T>({ servers, secret }: Operator, what: string, body?: object): Promise<T> {
  const problems: string[] = [];
  for (const server of servers) {
    const answer = await askServer<T>(server, secret, what, body).catch((error: Unanswered) => error);
    if (!(answer instanceof Unanswered)) return answer;
    problems.push(answer.message);
  }
  throw nobodyDid(problems, 'The list of bans is as it was.');
}

function nobodyDid(problems: string[], unchanged: string): FleetError {
  const message = `No server could do it.\n${problems.join('\n')}`;
  return new FleetError('precondition', message, unchanged, 'npx fleet status');
}
