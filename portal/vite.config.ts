import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The front: it answers everything that is not the portal's own files. */
const edge = `http://localhost:${process.env.EDGE_PORT ?? 8080}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0 },
  server: {
    proxy: {
      "/api": { target: edge, ws: true, changeOrigin: true },
      "/rtc": { target: edge, ws: true, changeOrigin: true },
      "/health": { target: edge, changeOrigin: true },
    },
  },
});
