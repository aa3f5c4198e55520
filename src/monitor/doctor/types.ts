import type { Settings } from '../../config/settings';
import type { Plan } from '../../fleet/plan';
import type { RunningApp } from '../../fleet/pm2';
import type { Rates } from '../../fleet/server-status';
import type { ServerStats } from '../../protocol/stats';
import type { UsageReport } from '../report';
import type { DoctorWords } from '../words/doctor-en';

/** Something that is wrong, with its figures, and what to do about it. */
export interface Finding {
  what: string;
  advice: string;
}

/** One thing to look at. It knows nothing of the other checks, and changes nothing. */
export interface Check {
  /** Part of the contract with scripts. */
  name: string;
  /** What is so when nothing is found. */
  title: (words: DoctorWords) => string;
  /** No finding: all is well. What it throws makes it a failed check. */
  run: (look: Look, words: DoctorWords) => Promise<Finding[]>;
}

/** What checks look at; each is read once, when the first check asks for it. */
export interface Look {
  plan: Plan;
  settings: Settings;
  servers: () => Promise<ServerLook[]>;
  apps: () => Promise<RunningApp[]>;
  host: () => Promise<HostLook>;
  redis: () => Promise<RedisLook>;
  nginx: () => Promise<NginxLook>;
  outbox: () => Promise<string[]>;
  /** The last 24 hours. */
  report: () => Promise<UsageReport>;
}

/** A server of the plan, over two seconds. */
export interface ServerLook {
  name: string;
  port: number;
  /** What it said two seconds earlier, and now. Missing: no answer. */
  before?: ServerStats;
  stats?: ServerStats;
  /** Missing: it did not answer twice, or was started between. */
  rates?: Rates;
  descriptors?: { open: number; most: number };
}

/** The machine over two seconds: percent of all its cores, 0 to 100. */
export interface HostLook {
  busy: number;
  /** Taken by other machines on the same hardware. */
  stolen: number;
}

export interface RedisLook {
  /** What INFO says. */
  facts: Record<string, string>;
  /** The longest of ten round trips. */
  slowestMs: number;
}

export interface NginxLook {
  /** The configuration that is in place, and the one that follows from plan and settings. */
  installed: string | undefined;
  wanted: string;
  /** Addresses of those connected to it. */
  peers: string[];
  /** Connections that one worker may have, and how many workers there are. */
  connections: number;
  workers: number;
}
