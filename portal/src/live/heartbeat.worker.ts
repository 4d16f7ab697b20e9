/** Ticks at the interval it is told, in milliseconds. */
addEventListener("message", (event: MessageEvent<number>) => {
  setInterval(() => postMessage(null), event.data);
});
