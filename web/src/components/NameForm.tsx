import { useId, useRef, useState, type ReactNode } from 'react';
import { useEnter } from '../use-enter';

interface Props {
  className: string;
  label: string;
  /** Then it stands in the field, and the label is for screen readers. */
  placeholder?: string;
  button: ReactNode;
  maxLength: number;
  /** Shown when `take` throws, which it does for a name that cannot be. */
  complaint: string;
  take: (name: string) => void;
  autoFocus?: boolean;
}

/** One labelled field with a button: for the name of a person or of a room. */
export function NameForm(props: Props) {
  const { className, label, placeholder, button, maxLength, complaint, take, autoFocus = false } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState(false);
  const submit = (): void => {
    try {
      take(field.current!.value);
      if (field.current) field.current.value = '';
      setRefused(false);
    } catch {
      setRefused(true);
      field.current?.focus();
    }
  };
  useEnter(field, submit);
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id} className={placeholder === undefined ? undefined : 'hidden'}>
        {label}
      </label>
      <div className="field">
        <input
          id={id}
          ref={field}
          maxLength={maxLength}
          placeholder={placeholder}
          autoComplete="off"
          autoFocus={autoFocus}
          aria-invalid={refused}
          aria-describedby={refused ? `${id}-why` : undefined}
        />
        <button type="submit">{button}</button>
      </div>
      {refused && (
        <p id={`${id}-why`} role="alert" className="complaint">
          {complaint}
        </p>
      )}
    </form>
  );
}
