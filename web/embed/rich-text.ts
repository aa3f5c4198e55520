import { blocksOf, type Block } from '../src/markdown';
import type { Inline } from '../src/markdown-inline';
import { make } from './make';

/** The usual marks of a text as elements, the same as on the page. */
export const richText = (text: string): Node[] => blocksOf(text).map(drawBlock);

function drawBlock(block: Block): Node {
  switch (block.kind) {
    case 'p':
      return make('p', {}, ...block.inline.map(drawInline));
    case 'fence':
      return make('pre', { tabindex: '0' }, make('code', {}, block.text));
    case 'quote':
      return make('blockquote', {}, ...block.blocks.map(drawBlock));
    case 'list': {
      const items = block.items.map((pieces) => make('li', {}, ...pieces.map(drawInline)));
      return block.start === undefined
        ? make('ul', {}, ...items)
        : make('ol', { start: `${block.start}` }, ...items);
    }
  }
}

function drawInline(piece: Inline): Node {
  switch (piece.kind) {
    case 'text':
      return document.createTextNode(piece.text);
    case 'code':
      return make('code', {}, piece.text);
    case 'link': {
      const leads = { href: piece.text, target: '_blank', rel: 'noopener noreferrer nofollow' };
      return make('a', leads, piece.text);
    }
    case 'strong':
    case 'em':
    case 's':
      return make(piece.kind, {}, ...piece.inline.map(drawInline));
  }
}
