/** Asks at most once in this time, and never twice at the same time; in between all get the last answer. */
export function kept<T>(forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  return () => {
    if (last) return last;
    const answer = ask();
    last = answer;
    const forget = (): void => void setTimeout(() => (last = undefined), forMs).unref();
    answer.then(forget, forget);
    return answer;
  };
}
