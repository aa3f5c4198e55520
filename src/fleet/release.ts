import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { projectRoot } from '../config/load';
import type { Plan } from './plan';

/** So that a deploy can go back, also from the second mistake. */
const KEPT = 3;
/** Longer than it takes to put a release aside: one that is older and not finished never will be. */
const UNFINISHED_MS = 10 * 60_000;

const folderOf = (varDir: string): string => join(varDir, 'releases');

/** Folder in which the build of a plan lies as `dist`. */
export function buildFolder({ release }: Plan, varDir: string): string {
  return release !== undefined && hasRelease(varDir, release) ? join(folderOf(varDir), release) : projectRoot;
}

export function hasRelease(varDir: string, release: string): boolean {
  return existsSync(join(folderOf(varDir), release));
}

/**
 * Puts what is built now aside, so that the next build touches no running server, and returns its name, which follows
 * from its content. Node modules and settings stay those of the project's folder. Of earlier ones the newest three stay,
 * and that of the plan.
 */
export function makeRelease(varDir: string, plan?: Plan): string {
  const name = nameOf(join(projectRoot, 'dist'));
  const folder = join(folderOf(varDir), name);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return name;
  }
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const shown = (file: string): boolean => !basename(file).startsWith('.');
  cpSync(join(projectRoot, 'dist'), join(draft, 'dist'), { recursive: true, filter: shown });
  cpSync(join(projectRoot, 'package.json'), join(draft, 'package.json'));
  for (const shared of ['node_modules', 'fleet.env'])
    symlinkSync(join(projectRoot, shared), join(draft, shared));
  renameSync(draft, folder);
  prune(varDir, plan?.release);
  return name;
}

/** Removes also what was never finished. */
function prune(varDir: string, inUse: string | undefined): void {
  const folder = folderOf(varDir);
  const age = (name: string): number => statSync(join(folder, name)).mtimeMs;
  const isDraft = (name: string): boolean => name.includes('.');
  const all = readdirSync(folder);
  const newest = all.filter((name) => !isDraft(name)).sort((a, b) => age(b) - age(a));
  const old = newest.slice(KEPT).filter((name) => name !== inUse);
  const givenUp = all.filter((name) => isDraft(name) && age(name) < Date.now() - UNFINISHED_MS);
  for (const name of [...old, ...givenUp]) rmSync(join(folder, name), { recursive: true, force: true });
}

/** The release that a script of an app belongs to; undefined: to the project's own folder. */
export function releaseOf(script: string, varDir: string): string | undefined {
  const [name, ...rest] = relative(folderOf(varDir), script).split('/');
  return rest.length > 0 && name !== '..' ? name : undefined;
}

function nameOf(dist: string): string {
  const hash = createHash('sha256');
  for (const file of filesUnder(dist))
    hash.update(relative(dist, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}
