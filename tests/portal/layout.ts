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
    /** What a person sees of a text: all of it, as much as there was room for, or nothing. */
    const seen = ({ words, element, box }: (typeof texts)[number]): typeof texts => {
      for (let clip: Element | null = element; clip && clip !== document.body; clip = clip.parentElement) {
        const style = getComputedStyle(clip);
        if ([style.overflowX, style.overflowY].some((overflow) => overflow === "auto" || overflow === "scroll")) break;
        if (style.overflowX !== "hidden" && style.overflowX !== "clip") continue;
        const edge = clip.getBoundingClientRect();
        if (box.left >= edge.left - 1 && box.right <= edge.right + 1 && box.bottom <= edge.bottom + 2) continue;
        if (style.textOverflow === "ellipsis" && element.closest("[title]")) {
          return [{ words, element, box: new DOMRect(box.x, box.y, edge.right - box.x, box.height) }];
        }
        // A hint that found no room and is not shown at all is no loss.
        if (box.top >= edge.bottom && element.closest("[aria-hidden]")) return [];
        found.push(`cut: ${words}`);
        break;
      }
      return [{ words, element, box }];
    };
    const shown = texts.flatMap(seen);
    for (const { words, element, box } of shown) {
      for (const x of [box.left + 2, box.right - 2]) {
        const top = document.elementFromPoint(x, box.top + box.height / 2);
        if (!top || !root.contains(top) || top.contains(element) || element.contains(top)) continue;
        const clear = /^(transparent|rgba\(.*, 0\))$/.test(getComputedStyle(top).backgroundColor);
        if (!clear && !top.matches("input")) found.push(`covered: ${words}`);
      }
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`out of the window: ${words}`);
    }
    for (const [index, one] of shown.entries()) {
      for (const other of shown.slice(index + 1)) {
        if (one.element === other.element) continue;
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (wide > 2 && high > 4) found.push(`over another: ${one.words} | ${other.words}`);
      }
    }
    return [...new Set(found)];
  }, within);
