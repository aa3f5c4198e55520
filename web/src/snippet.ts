/** So much is shown before the first hit, in UTF-16 units. */
const BEFORE = 24;
const LENGTH = 200;

export interface Part {
  text: string;
  hit: boolean;
}

/** The part of a text around what was searched, cut into what is a hit and what is not. */
export function partsOf(text: string, query: string): Part[] {
  const spelled = text.normalize('NFC').replace(/\s+/g, ' ');
  const wanted = query.trim().normalize('NFC').toLowerCase();
  const folded = spelled.toLowerCase();
  // Where lower case has another length, places would not fit: then nothing is marked.
  const places = folded.length === spelled.length ? hits(folded, wanted) : [];
  const start = Math.max(0, (places[0] ?? 0) - BEFORE);
  const end = start + LENGTH;
  const parts: Part[] = [];
  let at = start;
  for (const place of places.filter((one) => one < end)) {
    parts.push({ text: spelled.slice(at, place), hit: false });
    at = place + wanted.length;
    parts.push({ text: spelled.slice(place, at), hit: true });
  }
  parts.push({ text: spelled.slice(at, Math.max(at, end)), hit: false });
  if (start > 0) parts[0]!.text = `…${parts[0]!.text}`;
  return parts.filter((part) => part.text !== '');
}

function hits(text: string, wanted: string): number[] {
  const places: number[] = [];
  if (wanted === '') return places;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length))
    places.push(at);
  return places;
}
