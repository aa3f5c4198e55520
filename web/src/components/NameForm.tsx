import { useId, useRef, useState, type ReactNode } from 'react';

interface Props {
  className: string;
  label: string;
  button: ReactNode;
  maxLength: number;
  /** Shown when `take` throws, which it does for a name that cannot be. */
  complaint: string;
  take: (name: string) => void;
  autoFocus?: boolean;
}

/** One labelled field with a button: for the name of a person or of a room. */
export function NameForm({ className, label, button, maxLength, complaint, take, autoFocus = false }: Props) {
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
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id}>{label}</label>
      <div className="field">
        <input
          id={id}
          ref={field}
          maxLength={maxLength}
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
