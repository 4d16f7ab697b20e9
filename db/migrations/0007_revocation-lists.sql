CREATE TABLE "revocation_list" (
	"part" text PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"list" text NOT NULL,
	"signed_at" timestamp (3) with time zone NOT NULL
);
