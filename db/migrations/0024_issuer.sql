ALTER TABLE "certificate" ADD COLUMN "issuer_id" text;--> statement-breakpoint
UPDATE "certificate" SET "issuer_id" = encode(substring(der FROM position('\x551d23041830168014'::bytea IN der) + 9 FOR 20), 'hex') FROM (SELECT "serial" AS "named", decode(regexp_replace("pem", '-----[A-Z ]+-----|\s', '', 'g'), 'base64') AS der FROM "certificate") AS "encoded" WHERE "serial" = "named";--> statement-breakpoint
ALTER TABLE "certificate" ALTER COLUMN "issuer_id" SET NOT NULL;
