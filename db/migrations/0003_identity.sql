CREATE TABLE "claim" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"device_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"who" text NOT NULL,
	"name" text NOT NULL,
	"site_id" uuid,
	"state" text NOT NULL,
	"reason" text,
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"present_at" timestamp (3) with time zone,
	"enrolled_at" timestamp (3) with time zone,
	"configured_at" timestamp (3) with time zone,
	"registered_at" timestamp (3) with time zone,
	"ready_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "certificate" (
	"serial" text PRIMARY KEY NOT NULL,
	"device_id" uuid NOT NULL,
	"spki_hash" text NOT NULL,
	"renewal" integer DEFAULT 0 NOT NULL,
	"pem" text NOT NULL,
	"holder_id" text,
	"crl_part" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"first_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"reason" text,
	CONSTRAINT "certificate_once" UNIQUE("device_id","spki_hash","renewal")
);
--> statement-breakpoint
CREATE TABLE "factory_identity" (
	"id" uuid PRIMARY KEY NOT NULL,
	"maker_id" text NOT NULL,
	"serial" text NOT NULL,
	"model" text NOT NULL,
	"revision" text NOT NULL,
	"code_hmac" text NOT NULL,
	"code_used_at" timestamp (3) with time zone,
	"holder_id" text,
	"pressed_at" timestamp (3) with time zone,
	"last_seen_at" timestamp (3) with time zone,
	"blocked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "factory_identity_code_hmac_unique" UNIQUE("code_hmac"),
	CONSTRAINT "factory_identity_of_maker" UNIQUE("maker_id","serial")
);
--> statement-breakpoint
CREATE TABLE "maker" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"certificate" text NOT NULL,
	"models" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "model" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "revision" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "serial" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "firmware" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "claimed_by" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "claimed_by_name" text;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "last_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "released_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "claim" ADD CONSTRAINT "claim_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "certificate" ADD CONSTRAINT "certificate_holder_id_organisation_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."organisation"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "factory_identity" ADD CONSTRAINT "factory_identity_maker_id_maker_id_fk" FOREIGN KEY ("maker_id") REFERENCES "public"."maker"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "factory_identity" ADD CONSTRAINT "factory_identity_holder_id_organisation_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."organisation"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "claim_one_holder" ON "claim" USING btree ("device_id") WHERE "claim"."state" in ('present', 'enrolled', 'configured', 'ready');--> statement-breakpoint
CREATE UNIQUE INDEX "claim_waits_once" ON "claim" USING btree ("organisation_id","device_id") WHERE "claim"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "claim_newest" ON "claim" USING btree ("organisation_id","accepted_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "certificate_part" ON "certificate" USING btree ("crl_part");--> statement-breakpoint
CREATE INDEX "certificate_holder" ON "certificate" USING btree ("holder_id");--> statement-breakpoint
CREATE INDEX "certificate_revoked" ON "certificate" USING btree ("revoked_at") WHERE "certificate"."revoked_at" is not null;--> statement-breakpoint
CREATE INDEX "factory_identity_holder" ON "factory_identity" USING btree ("holder_id");