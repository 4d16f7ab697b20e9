/** Why Postgres refused (its appendix A), however deep the drivers have wrapped it. */
export const refusedWith = (error: unknown, state: "22012" | "23505"): boolean =>
  error instanceof Error && (("code" in error && error.code === state) || refusedWith(error.cause, state));
