import type { ReactNode } from 'react';

/** Decoration: whoever uses an icon gives its control a name in words. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}

export const Logo = () => <img className="logo" src="./favicon.svg" alt="" width="32" height="32" />;

export const SendIcon = () => (
  <Icon>
    <path d="M5 12 20 5l-5 15-3.5-6.5z" />
  </Icon>
);

export const MenuIcon = () => (
  <Icon>
    <path d="M4 7h16M4 12h16M4 17h10" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m7 7 10 10M17 7 7 17" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="m6 10 6 6 6-6" />
  </Icon>
);

export const UpIcon = () => (
  <Icon>
    <path d="m6 14 6-6 6 6" />
  </Icon>
);

export const LinkIcon = () => (
  <Icon>
    <path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1" />
  </Icon>
);

export const UnreadIcon = () => (
  <Icon>
    <path d="M4 6h16M4 12h9M4 18h7" />
    <circle cx="18" cy="16" r="2.5" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="9" y="9" width="10" height="10" rx="2" />
    <path d="M15 9V7a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h2" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m5 13 4 4L19 7" />
  </Icon>
);

const BELL = 'M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4';

export const BellIcon = () => (
  <Icon>
    <path d={BELL} />
  </Icon>
);

export const MutedIcon = () => (
  <Icon>
    <path d={BELL} />
    <path d="M4 4l16 16" />
  </Icon>
);

export const ClockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 8v4l3 2" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M6 12h.01M12 12h.01M18 12h.01" />
  </Icon>
);

export const ReplyIcon = () => (
  <Icon>
    <path d="M10 7 5 12l5 5M5 12h8a6 6 0 0 1 6 6" />
  </Icon>
);

export const EditIcon = () => (
  <Icon>
    <path d="m5 19 1-4L16 5l3 3L9 18z" />
  </Icon>
);

export const RemoveIcon = () => (
  <Icon>
    <path d="M5 7h14M9 7V5h6v2M7 7l1 12h8l1-12" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="11" cy="11" r="6" />
    <path d="m16 16 4 4" />
  </Icon>
);

export const GearIcon = () => (
  <Icon>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="2.5" />
    <circle cx="8" cy="17" r="2.5" />
  </Icon>
);
