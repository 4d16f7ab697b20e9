import { describe, expect, test } from "vitest";
import { deriveSettings, parseVariables, placesIn } from "./settings.ts";

describe("settings", () => {
  test("without any, everything is on this machine alone", () => {
    const settings = deriveSettings(parseVariables({}), "127.0.0.1", ["127.0.0.1"]);
    expect(settings).toMatchObject({ bindAddress: "127.0.0.1", publicOrigin: "http://localhost:8080", secure: false });
  });

  test("a public host is served over HTTPS, and is the certificate's first name", () => {
    const settings = deriveSettings(parseVariables({ PUBLIC_HOST: "door.example" }), "192.0.2.7", ["192.0.2.7"]);
    expect(settings).toMatchObject({
      publicOrigin: "https://door.example:8080",
      secure: true,
      bindAddress: "192.0.2.7",
    });
    expect(settings.certificateNames).toEqual(["door.example", "localhost", "127.0.0.1", "192.0.2.7"]);
  });

  test("behind address translation every address is listened on", () => {
    const settings = deriveSettings(parseVariables({ PUBLIC_HOST: "192.0.2.7" }), "192.0.2.7", ["10.0.0.5"]);
    expect(settings).toMatchObject({ bindAddress: "0.0.0.0", publicAddress: "192.0.2.7" });
  });

  test("port 443 is not part of the origin", () => {
    const given = parseVariables({ PUBLIC_HOST: "door.example", EDGE_PORT: "443" });
    expect(deriveSettings(given, "192.0.2.7", []).publicOrigin).toBe("https://door.example");
  });

  test("a wrong port is named with its value", () => {
    expect(() => parseVariables({ EDGE_PORT: "eighty" })).toThrow(/^EDGE_PORT=eighty can't be used: is a port/);
    expect(() => parseVariables({ SRTP_PORTS: "10000" })).toThrow(/^SRTP_PORTS=10000 can't be used/);
  });

  test("other commands are told what they need to find everything, and no secret", () => {
    const environment = {
      PUBLIC_HOST: "192.0.2.7",
      SIP_PORT: "5071",
      EDGE_PORT: "",
      DATABASE_URL: "postgres://a:b@c/d",
    };
    expect(placesIn(environment)).toBe("PUBLIC_HOST=192.0.2.7 SIP_PORT=5071");
    expect(placesIn({})).toBe("");
  });

  test("an IPv6 address is refused in words: media goes by IPv4", () => {
    expect(() => parseVariables({ PUBLIC_HOST: "2001:db8::7" })).toThrow(
      /^PUBLIC_HOST=2001:db8::7 can't be used: .*IPv4/,
    );
  });

  test("a wrong address of another server is named without its value, which may hold a password", () => {
    expect(() => parseVariables({ SMTP_URL: "http://anna:secret@mail.example" })).toThrow(/^SMTP_URL can't be used/);
  });

  test("a database elsewhere needs two roles", () => {
    const [application, owner] = ["postgres://app:a@db.example/x", "postgres://owner:b@db.example/x"];
    expect(parseVariables({ DATABASE_URL: application, DATABASE_OWNER_URL: owner }).DATABASE_URL).toBe(application);
    expect(() => parseVariables({ DATABASE_URL: application })).toThrow(/go together/);
    expect(() => parseVariables({ DATABASE_URL: owner, DATABASE_OWNER_URL: owner })).toThrow(/name one role/);
  });

  test("a LiveKit elsewhere needs its own key and secret", () => {
    const url = { LIVEKIT_URL: "wss://sfu.example" };
    expect(() => parseVariables(url)).toThrow(/^LIVEKIT_URL needs/);
    expect(parseVariables({ ...url, LIVEKIT_API_KEY: "key", LIVEKIT_API_SECRET: "secret" })).toMatchObject(url);
  });

  test("talks may end sooner than the data sheet's ten minutes, never later, and not before the warning", () => {
    expect(parseVariables({ CALL_LIMIT_S: "300" }).CALL_LIMIT_S).toBe(300);
    for (const wrong of ["601", "30", "90.5", "ten"])
      expect(() => parseVariables({ CALL_LIMIT_S: wrong })).toThrow(/^CALL_LIMIT_S=.+ can't be used/);
  });

  test("an empty variable is as good as none", () => {
    expect(parseVariables({ EDGE_PORT: "", SMTP_URL: "" }).EDGE_PORT).toBe(8080);
  });
});
