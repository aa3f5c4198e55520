/** What a user may do, by the claims of the token; guests have none. */
export interface Rights {
  /** Patterns of the rooms that may be joined, with `*` for any characters; missing: all. */
  rooms?: string[];
  /** Moderators delete messages of others too. */
  role?: 'moderator';
}
