// Before the first paint, so that a dark portal never flashes light. A file of its own: the page allows no inline script.
const kept = localStorage.getItem("symphony.scheme");
const dark = kept === "dark" || (kept !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.mantineColorScheme = dark ? "dark" : "light";
