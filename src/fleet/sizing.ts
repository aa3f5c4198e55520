import { nginxLimits } from './nginx-render';

/** Something that does not stop a start, but should not stay so. */
export interface Warning {
  what: string;
  next: string;
}

/** A fleet that cannot hold so many people is not what somebody wants who starts one. */
const FEW_PEOPLE = 10_000;
/** Beside connections a server has logs, Redis and outbox files open. */
const SPARE_DESCRIPTORS = 64;

/** Pure: how many people nginx and the servers can hold at once, by their open files. */
export function peopleAtMost(descriptors: number, cores: number, servers: number): number {
  const atNginx = Math.floor((nginxLimits(descriptors).connections * cores) / 2);
  return Math.min(atNginx, servers * Math.max(descriptors - SPARE_DESCRIPTORS, 0));
}

/** Pure: what to say of it. */
export function sizingWarning(descriptors: number, cores: number, servers: number): Warning | undefined {
  const people = peopleAtMost(descriptors, cores, servers);
  if (people >= FEW_PEOPLE) return undefined;
  return {
    what: `A process may have ${descriptors} files open here, so about ${people} people at most can be connected: each takes two of them in nginx.`,
    next: 'ulimit -n 65536, in the shell in which you then type npm stop and npm start (as root, or after a change of /etc/security/limits.conf); "fleet install" sets it for the service',
  };
}

/** Pure: a fleet of root's works, but it should not. */
export function rootWarning(uid: number | undefined): Warning | undefined {
  if (uid !== 0) return undefined;
  return {
    what: 'The fleet runs as root: who finds a way into one of its programs has the whole machine.',
    next: 'npm stop, then sudo npx fleet install, which runs it as a user without rights',
  };
}
