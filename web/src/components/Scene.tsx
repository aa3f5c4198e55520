import { useWords } from '../chosen';
import { Avatar } from './Avatar';

/** A picture of what the product does: people on three servers, of which one is just leaving. Decoration. */
export function Scene() {
  const { scene } = useWords();
  return (
    <div className="scene" aria-hidden="true">
      <Said server="chat-3001" name={scene.names[0]} text={scene.texts[0]} />
      <Said server="chat-3002" name={scene.names[1]} text={scene.texts[1]} />
      <p className="event">
        <span className="pulse" />
        {scene.event}
      </p>
      <Said server="chat-3003" name={scene.names[1]} text={scene.texts[2]} />
      <Said server="chat-3001" name={scene.names[0]} text={scene.texts[3]} />
    </div>
  );
}

function Said({ server, name, text }: { server: string; name: string; text: string }) {
  return (
    <div className="line">
      <Avatar id={`guest:${name}`} name={name} />
      <div>
        <small>
          {name} <span>{server}</span>
        </small>
        <p>{text}</p>
      </div>
    </div>
  );
}
