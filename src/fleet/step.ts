/** Runs one step of a longer work and tells the operator about it. What it returns is shown as detail. */
export type Step = (name: string, work: () => Promise<string>) => Promise<void>;
