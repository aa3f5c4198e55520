/** What a key event says about input methods: `isComposing` is the standard, 229 is what Safari has instead. */
export interface KeyPress {
  key: string;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** Whether this key means "send": Enter without Shift that does not belong to an input method. */
export function meansSend({ key, shiftKey, isComposing, keyCode }: KeyPress): boolean {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== 229;
}
