type Facts = Record<string, string>;

const ADD_UP = [
  'used_memory',
  'maxmemory',
  'connected_clients',
  'total_commands_processed',
  'used_cpu_user',
  'used_cpu_sys',
];
const MOST = ['client_recent_max_output_buffer'];

/** Pure: what several Redis say of themselves, as if they were one; undefined for none. It has restarted if any of them has. */
export function together(all: Facts[]): Facts | undefined {
  if (all.length < 2) return all[0];
  const numbers = (name: string): number[] => all.map((facts) => Number(facts[name] ?? 0));
  const sums = ADD_UP.map((name) => [name, numbers(name).reduce((sum, number) => sum + number, 0)] as const);
  const most = MOST.map((name) => [name, Math.max(...numbers(name))] as const);
  const shown = [...sums, ...most].map(([name, number]) => [name, `${number}`] as const);
  return {
    ...Object.fromEntries(shown),
    run_id: all
      .map(({ run_id: id }) => id)
      .sort()
      .join(' '),
  };
}
