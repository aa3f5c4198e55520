/** What has an id of its author's. */
export interface Identified {
  id: string;
  from: { id: string };
}

/** Tells entries apart, whatever room they are in: an id is its author's alone, and neither id has a line end. */
export const entryKey = ({ id, from }: Identified): string => `${id}\n${from.id}`;
