import type { ComponentProps } from "react";
import styles from "./Scrolling.module.css";

interface ScrollingProps extends Omit<ComponentProps<"section">, "tabIndex"> {
  as?: "section" | "aside";
  className: string | undefined;
}

/** A part of a page that scrolls by itself. It takes the focus, so that keys scroll it also where nothing in it does (WCAG 2.1.1). */
export function Scrolling({ as: Part = "section", className, ...rest }: ScrollingProps) {
  return <Part {...rest} className={`${styles.scrolling} ${className}`} tabIndex={0} />;
}
