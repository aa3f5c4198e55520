import type { ReactNode } from 'react';

/** One of a few, side by side. */
export const Choices = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="segments">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

interface RadioProps {
  name: string;
  checked: boolean;
  choose: () => void;
  children: ReactNode;
}

export const Radio = ({ name, checked, choose, children }: RadioProps) => (
  <label>
    <input type="radio" className="hidden" name={name} checked={checked} onChange={choose} />
    {children}
  </label>
);
