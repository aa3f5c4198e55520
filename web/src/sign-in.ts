import { useEffect, useState } from 'react';

/** Servers lead from here to the login of the product, if they know of one (`SIGN_IN_URL`). */
const ADDRESS = './sign-in';

/** Where one signs in; undefined while that is not wanted, or not known, or where there is no such place. */
export function useSignInAddress(wanted: boolean): string | undefined {
  const [known, setKnown] = useState(false);
  useEffect(() => {
    let current = wanted;
    const ask = async (): Promise<void> => {
      const { type } = await fetch(ADDRESS, { redirect: 'manual' });
      if (current) setKnown(type === 'opaqueredirect');
    };
    if (wanted) void ask().catch(() => undefined);
    return () => {
      current = false;
    };
  }, [wanted]);
  return wanted && known ? ADDRESS : undefined;
}
