import styles from "./Level.module.css";

/** How loud a microphone hears, in four bars; what stands beside it says it in words. @param props.value 0 to 1 */
export function Level({ value }: { value: number }) {
  return (
    <span className={styles.bars} aria-hidden>
      {[4, 6, 9, 12].map((height, index) => (
        <i key={height} style={{ height }} data-full={value > index / 4 || undefined} />
      ))}
    </span>
  );
}
