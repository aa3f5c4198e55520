import { Avatar } from './Avatar';

/** How a room or person is shown in a list: a room by `#`, somebody by his picture. */
export function Sign({ direct, label, userId }: { direct: boolean; label: string; userId?: string }) {
  return (
    <>
      {direct ? (
        <Avatar id={userId ?? `guest:${label}`} name={label} />
      ) : (
        <span className="hash" aria-hidden="true">
          #
        </span>
      )}
      <span className="room-name">{label}</span>
    </>
  );
}
