const COLOURS = 8;

/** The same person has the same colour everywhere. */
export function Avatar({ id, name }: { id: string; name: string }) {
  const colour = [...id].reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) % 9_973, 7) % COLOURS;
  const [initial = '?'] = new Intl.Segmenter().segment(name);
  return (
    <span className={`avatar colour-${colour}`} aria-hidden="true">
      {typeof initial === 'string' ? initial : initial.segment}
    </span>
  );
}
