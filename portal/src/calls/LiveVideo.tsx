import { IconCameraOff } from "@tabler/icons-react";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./LiveVideo.module.css";

export interface LiveVideoProps {
  track: MediaStreamTrack | undefined;
  /** Shown, dimmed, until the first frame: a late joiner waits for a key frame. */
  snapshotUrl?: string;
  label: string;
  snapshotLabel: string;
  fit?: "cover" | "contain";
  /** Own picture: as in a mirror. */
  mirrored?: boolean;
  /** Nothing will come any more. */
  over?: boolean;
  onLive?: (live: boolean) => void;
}

/** A picture that moves as soon as it can, and until then says why it doesn't. */
export function LiveVideo({
  track,
  snapshotUrl,
  label,
  snapshotLabel,
  fit = "cover",
  mirrored,
  over,
  onLive,
}: LiveVideoProps) {
  const { t } = useTranslation("calls");
  const video = useRef<HTMLVideoElement>(null);
  const [live, setLive] = useState(false);
  const [gone, setGone] = useState<string>();
  const lastFrame = useRef<HTMLCanvasElement>(null);
  const [frozen, setFrozen] = useState(false);
  const tell = useRef(onLive);
  tell.current = onLive;

  useEffect(() => {
    const element = video.current;
    if (!element || !track) return;
    element.srcObject = new MediaStream([track]);
    void element.play().catch(() => undefined); // muted: only refused when it is taken away meanwhile
    const frame = element.requestVideoFrameCallback(() => {
      setLive(true);
      tell.current?.(true);
    });
    return () => {
      element.cancelVideoFrameCallback(frame);
      if (lastFrame.current && element.videoWidth > 0) {
        freeze(element, lastFrame.current);
        setFrozen(true);
      }
      element.srcObject = null;
      setLive(false);
      tell.current?.(false);
    };
  }, [track]);

  const snapshot = snapshotUrl !== undefined && snapshotUrl !== gone;
  return (
    <div className={styles.picture} style={{ "--fit": fit } as CSSProperties}>
      {snapshot && !live && !frozen && (
        <img className={styles.snapshot} src={snapshotUrl} alt={snapshotLabel} onError={() => setGone(snapshotUrl)} />
      )}
      {!snapshot && !live && !frozen && (
        <div className={styles.none}>
          <IconCameraOff size={28} stroke={1.5} aria-hidden />
          {t(over ? "ring.noPicture" : "ring.soon")}
        </div>
      )}
      <canvas ref={lastFrame} className={styles.frozen} data-shown={(frozen && !live) || undefined} aria-hidden />
      {/* The station's words are not written along: this is a live conversation. */}
      <video
        ref={video}
        className={styles.video}
        data-live={live || undefined}
        data-mirrored={mirrored || undefined}
        aria-label={label}
        autoPlay
        playsInline
        muted
      />
    </div>
  );
}

/** Keeps what was last seen: a picture that stands still says more than none. */
function freeze(video: HTMLVideoElement, canvas: HTMLCanvasElement) {
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
}
