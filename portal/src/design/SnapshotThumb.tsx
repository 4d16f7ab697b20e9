import { IconCameraOff, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./SnapshotThumb.module.css";

export interface SnapshotThumbProps {
  /** Signed and expiring. Absent: no picture was taken. */
  src?: string;
  /** "Main entrance, 09:41:58, at the ring" */
  alt: string;
  /** Written on the picture: when it was taken. */
  caption?: ReactNode;
  /** Why there is none to see, where it is known. A deleted one brings the words: "Deleted on 24 Dec by your setting". */
  withheld?: { why: "deleted"; words: string } | { why: "no-right" };
  /** The address no longer works: ask for a new one. Called once for each address. */
  onExpired?: () => void;
  /** Radius in pixels; a picture inside a card has the card's less its padding. */
  radius?: number;
  /** Of a door that is away: without colour. */
  stale?: boolean;
  size?: "row" | "large";
  className?: string;
}

/** The picture of a call or a door, 16:9, in every state it can be in. */
export function SnapshotThumb(props: SnapshotThumbProps) {
  const { t } = useTranslation("shell");
  const { src, alt, caption, withheld, onExpired, radius = 6, stale, size = "large", className } = props;
  const [loaded, setLoaded] = useState<string>();
  const [failed, setFailed] = useState<string>();
  const missing = withheld !== undefined || src === undefined || failed === src;
  const small = size === "row";
  return (
    <div className={[styles.frame, className].join(" ")} style={{ borderRadius: radius }} data-size={size}>
      {missing ? (
        <Without words={words()} icon={icon(small ? 16 : 24)} small={small} />
      ) : (
        <img
          key={src}
          className={styles.picture}
          src={src}
          alt={alt}
          data-loaded={loaded === src || undefined}
          data-stale={stale || undefined}
          decoding="async"
          onLoad={() => setLoaded(src)}
          onError={() => {
            setFailed(src);
            onExpired?.();
          }}
        />
      )}
      {caption !== undefined && !missing && <span className={styles.caption}>{caption}</span>}
    </div>
  );

  function words(): string {
    if (withheld?.why === "deleted") return withheld.words;
    if (withheld?.why === "no-right") return t("picture.noRight");
    return t("picture.none");
  }
  function icon(pixels: number): ReactNode {
    if (withheld?.why === "deleted") return <IconTrash size={pixels} stroke={1.75} aria-hidden />;
    if (withheld?.why === "no-right") return <IconEyeOff size={pixels} stroke={1.75} aria-hidden />;
    return <IconCameraOff size={pixels} stroke={1.75} aria-hidden />;
  }
}

function Without({ words, icon, small }: { words: string; icon: ReactNode; small: boolean }) {
  return (
    <span className={styles.without} role="img" aria-label={words} title={small ? words : undefined}>
      {icon}
      {!small && words}
    </span>
  );
}
