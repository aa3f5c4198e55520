import { Fragment, memo, useMemo, useState, type ReactNode } from 'react';
import { useWords } from '../chosen';
import { tokensOf } from '../highlight';
import { blocksOf, type Block } from '../markdown';
import type { Inline } from '../markdown-inline';
import { mentionsIn } from '../mentions';
import { CheckIcon, CopyIcon } from './Icons';

interface Props {
  text: string;
  /** Names that are set off after an `@`. */
  names: readonly string[];
  self: string;
}

/** A text with the marks that people type: bold, code, lists and so on. It makes elements, never HTML. */
export const Markdown = memo(function Markdown({ text, names, self }: Props) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return <Blocks {...{ blocks, names, self }} />;
});

type Around = Omit<Props, 'text'>;

function Blocks({ blocks, ...around }: Around & { blocks: readonly Block[] }) {
  const draw = (block: Block): ReactNode => {
    switch (block.kind) {
      case 'p':
        return (
          <p>
            <InText pieces={block.inline} {...around} />
          </p>
        );
      case 'fence':
        return <CodeBlock text={block.text} language={block.language} />;
      case 'quote':
        return (
          <blockquote>
            <Blocks blocks={block.blocks} {...around} />
          </blockquote>
        );
      case 'list': {
        const items = block.items.map((pieces, i) => (
          <li key={i}>
            <InText pieces={pieces} {...around} />
          </li>
        ));
        return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
      }
    }
  };
  return blocks.map((block, i) => <Fragment key={i}>{draw(block)}</Fragment>);
}

function InText({ pieces, ...around }: Around & { pieces: readonly Inline[] }) {
  const draw = (piece: Inline): ReactNode => {
    switch (piece.kind) {
      case 'text':
        return <WithMentions text={piece.text} {...around} />;
      case 'code':
        return <code>{piece.text}</code>;
      case 'link':
        return (
          <a href={piece.text} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        );
      case 'strong':
      case 'em':
      case 's': {
        const Tag = piece.kind;
        return (
          <Tag>
            <InText pieces={piece.inline} {...around} />
          </Tag>
        );
      }
    }
  };
  return pieces.map((piece, i) => <Fragment key={i}>{draw(piece)}</Fragment>);
}

function WithMentions({ text, names, self }: Props) {
  return mentionsIn(text, names).map(({ text: part, name }, i) =>
    name === undefined ? (
      part
    ) : (
      <span key={i} className={name === self ? 'mention me' : 'mention'}>
        {part}
      </span>
    ),
  );
}

function CodeBlock({ text, language }: { text: string; language: string }) {
  const words = useWords();
  const tokens = useMemo(() => tokensOf(text, language), [text, language]);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <div className="code">
      <pre tabIndex={0} data-language={language || undefined}>
        <code>
          {tokens.map(({ text: part, kind }, i) =>
            kind === undefined ? (
              part
            ) : (
              <span key={i} className={kind}>
                {part}
              </span>
            ),
          )}
        </code>
      </pre>
      {'clipboard' in navigator && (
        <button
          type="button"
          className="quiet"
          tabIndex={-1}
          aria-label={copied ? words.copied : words.copyCode}
          onClick={() => void copy().catch(() => undefined)}
        >
          {copied ? <CheckIcon /> : <CopyIcon />}
        </button>
      )}
    </div>
  );
}
