/** GET /health: whether the edge and what it leans on are there. */
import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { health } from "#core/messages/portal-api.ts";
import { connectDb } from "#db/client.ts";
import type { Env } from "../env.ts";
import { log, reasonOf } from "../log.ts";

const patience = 2_000;

async function databaseAnswers(env: Env): Promise<boolean> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("no answer in time")), patience));
  try {
    await Promise.race([connectDb(env).execute(sql`select 1`), late]);
    return true;
  } catch (error) {
    log("database does not answer", { reason: reasonOf(error) });
    return false;
  }
}

/** 200, or 503 where a part is down. */
export async function answerHealth(env: Env): Promise<Response> {
  const database = await databaseAnswers(env);
  const body: z.input<typeof health> = {
    status: database ? "ok" : "degraded",
    parts: { edge: "ok", database: database ? "ok" : "down" },
  };
  return Response.json(body, { status: database ? 200 : 503 });
}
