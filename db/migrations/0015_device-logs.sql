CREATE TABLE "device_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" text NOT NULL,
	"device_id" uuid NOT NULL,
	"day" date,
	"received_at" timestamp (3) with time zone NOT NULL,
	"lines" integer DEFAULT 0 NOT NULL,
	"warnings" integer DEFAULT 0 NOT NULL,
	"octets" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "log_of_day" UNIQUE("organisation_id","device_id","day")
);
--> statement-breakpoint
ALTER TABLE "device_log" ADD CONSTRAINT "log_device_fk" FOREIGN KEY ("organisation_id","device_id") REFERENCES "public"."device"("organisation_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "log_newest" ON "device_log" USING btree ("organisation_id","device_id","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "log_oldest" ON "device_log" USING btree ("received_at");