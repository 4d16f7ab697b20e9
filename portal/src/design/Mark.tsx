/** The mark of the product, in ink. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden style={{ flex: "none" }}>
      <rect width="24" height="24" rx="6" fill="var(--ink)" />
      <path
        d="M7.5 10.75v2.5M10.5 7.5v9M13.5 9.5v5M16.5 11v2"
        stroke="var(--on-ink)"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
    </svg>
  );
}
