import styles from "./Initials.module.css";

/** A person without a picture. The name stands beside it, so it says nothing to a screen reader. */
export function Initials({ name, size = 24 }: { name: string; size?: number }) {
  const words = name.trim().split(/\s+/);
  const letters = [words.at(0), words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? "").join("");
  return (
    <span className={styles.initials} style={{ width: size, height: size }} aria-hidden>
      {letters.toUpperCase()}
    </span>
  );
}
