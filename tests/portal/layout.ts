/** What is wrong with the texts on a screen: cut off, out of the window, or one over another. */
import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";

const pictures = new URL("../.artifacts/screens/", import.meta.url).pathname;

/** Keeps a picture of the screen for whoever wants to judge it by eye. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}${name}.png` });
}

/** Larger text, as a person sets it in the browser. @param percent 100 is as delivered */
export const enlarge = (page: Page, percent: number): Promise<void> =>
  page.evaluate((size) => {
    document.documentElement.style.fontSize = `${size}%`;
  }, percent);

/**
 * Every text inside `within` that a person can't read whole. One that ends in "…" is all right where its whole is in a tooltip
 * (`title`), as names and lines of tiles are.
 */
export const unreadable = (page: Page, within = "body"): Promise<string[]> =>
  page.evaluate((selector) => {
    const root = document.querySelector(selector);
    if (!root) return [`nothing is ${selector}`];
    const texts: { words: string; element: Element; box: DOMRect }[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const words = node.textContent?.trim() ?? "";
      if (!element || !words || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const own = element.getBoundingClientRect();
      if (own.width <= 1 || own.height <= 1) continue; // for screen readers alone
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) texts.push({ words, element, box });
    }
    const found: string[] = [];
    for (const { words, element, box } of texts) {
      for (let clip: Element | null = element; clip && clip !== document.body; clip = clip.parentElement) {
        const style = getComputedStyle(clip);
        if (style.position === "fixed" && clip === element) break;
        const scrolls = style.overflowX === "auto" || style.overflowY === "auto" || style.overflowY === "scroll";
        if (scrolls) break; // what is beyond it can be scrolled to
        if (style.overflowX !== "hidden" && style.overflowX !== "clip") continue;
        const edge = clip.getBoundingClientRect();
        const inside = box.left >= edge.left - 1 && box.right <= edge.right + 1 && box.bottom <= edge.bottom + 2;
        if (inside) continue;
        // A hint that found no room and is not shown at all.
        if (box.top >= edge.bottom && element.closest("[aria-hidden]")) break;
        if (style.textOverflow === "ellipsis" && element.closest("[title]")) break;
        found.push(`cut: ${words}`);
        break;
      }
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`out of the window: ${words}`);
    }
    for (const [index, one] of texts.entries()) {
      for (const other of texts.slice(index + 1)) {
        if (one.element === other.element) continue;
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (wide > 2 && high > 4) found.push(`over another: ${one.words} | ${other.words}`);
      }
    }
    return [...new Set(found)];
  }, within);
