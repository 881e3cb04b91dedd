import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `/api` goes while developing: the backend that `flask run` or gunicorn serves. */
const backend = process.env.VITE_PROXY_TARGET ?? "http://127.0.0.1:5000";
const proxy = { "/api": { target: backend, changeOrigin: true } };

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy },
  preview: { proxy },
  test: {
    environment: "happy-dom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.tsx", "test/**/*.test.ts"],
    restoreMocks: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
