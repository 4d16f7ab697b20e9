/** Another maker's camera: gortsplib's RTSP server, built from its pinned Go module and asking for a password, with a picture of ours. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { writeStationCamera } from "./camera.ts";
import { temporaryFolder } from "./folder.ts";

const source = fileURLToPath(new URL("../devices/rtspserver/", import.meta.url));
/** As the server has them built in (its examples/server-auth/main.go). */
const at = "127.0.0.1:8554/yard";
const publisher = "publishuser:publishpass";

export interface RtspCamera {
  readonly address: string;
  readonly credentials: { user: string; password: string };
  /** Takes its picture away; the server stays. */
  cover(): Promise<void>;
  /** Gives it its picture back. */
  uncover(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with the test picture of this code. Resolves when it can be pulled. */
export async function startRtspCamera(code: number): Promise<RtspCamera> {
  const folder = temporaryFolder("rtsp-camera");
  const [program, film] = [join(folder, "rtspserver"), join(folder, "film.mp4")];
  const command = ["build", "-o", program, "github.com/bluenviron/gortsplib/v4/examples/server-auth"];
  execFileSync("go", command, { cwd: source, stdio: "pipe" });
  await writeStationCamera(film, code, 4);
  const server = spawn(program, { stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: server.stderr });
  const said = (words: string) =>
    new Promise<void>((resolve) => {
      const look = (line: string) => {
        if (!line.includes(words)) return;
        lines.off("line", look);
        resolve();
      };
      lines.on("line", look);
    });
  let filming: ChildProcess | undefined;

  async function end(child: ChildProcess | undefined): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  async function uncover(): Promise<void> {
    const recording = said("RECORD request");
    const loop = ["-v", "error", "-re", "-stream_loop", "-1", "-i", film, "-c", "copy"];
    const to = ["-f", "rtsp", "-rtsp_transport", "tcp", `rtsp://${publisher}@${at}`];
    filming = spawn("ffmpeg", [...loop, ...to], { stdio: ["ignore", "ignore", "inherit"] });
    await recording;
  }

  await said("server is ready");
  await uncover();
  return {
    address: `rtsp://${at}`,
    credentials: { user: "readuser", password: "readpass" },
    cover: () => end(filming),
    uncover,
    async stop() {
      await end(filming);
      await end(server);
    },
  };
}
