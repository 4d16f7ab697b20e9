/** The check page: each thing a call needs, working and failing for real, and how to mend it. */
import { networkInterfaces } from "node:os";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openDesk, type Sitting, violations } from "./desk.ts";
import { startStun } from "./stun.ts";

const { signedIn } = openDesk();

/** Opens the page and has everything checked. */
async function checked(sitting: Sitting = {}): Promise<Page> {
  const { page } = await signedIn({ path: "/check", ...sitting });
  await page.getByRole("button", { name: "Check all" }).click();
  await page.getByRole("status").getByText("What a call needs").waitFor({ state: "detached", timeout: 20_000 });
  return page;
}
const rowOf = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
const wordsOf = (page: Page, name: string) => rowOf(page, name).innerText();

/** By this address the browser reaches the machine as it would another. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return all.find((one) => one.family === "IPv4" && !one.internal)?.address ?? "127.0.0.1";
}

it("finds microphone, camera, notifications and a secure page where they are, and asks whether the sound was heard", async () => {
  const page = await checked({ permissions: ["microphone", "camera", "notifications"] });
  expect(await wordsOf(page, "Secure page")).toContain("Works");
  expect(await wordsOf(page, "Microphone")).toMatch(/Fake .* hears you\.\s+Works/);
  expect(await wordsOf(page, "Camera")).toMatch(/fake_device_0 gives a picture\.\s+Works/);
  expect(await wordsOf(page, "Notifications")).toMatch(/A ring shows also when this tab is hidden\.\s+Works/);
  await rowOf(page, "Sound").getByText("Did you hear two tones?").waitFor();
  await rowOf(page, "Sound").getByRole("button", { name: "Heard", exact: true }).click();
  await rowOf(page, "Sound").getByText("Works").waitFor();
  await rowOf(page, "Sound").getByText("You heard the ring.").waitFor();
});

it.each(["light", "dark"] as const)("says what the browser refuses, and where to allow it: %s", async (colorScheme) => {
  const page = await checked({ permissions: [], colorScheme });
  for (const [name, thing] of [
    ["Microphone", "microphone"],
    ["Camera", "camera"],
    ["Notifications", "notifications"],
  ] as const) {
    expect(await wordsOf(page, name)).toContain("Does not work");
    expect(await wordsOf(page, name)).toContain(
      `Click the icon left of the address, allow ${
        name === "Notifications" ? thing : `the ${thing}`
      }, and check again.`,
    );
  }
  expect(await violations(page)).toEqual([]);
});

it("finds a microphone again once it is allowed", async () => {
  const page = await checked({ permissions: [] });
  expect(await wordsOf(page, "Microphone")).toContain("The browser does not give the microphone to this page.");
  await page.context().grantPermissions(["microphone"]);
  await rowOf(page, "Microphone").getByRole("button", { name: "Check again" }).click();
  await rowOf(page, "Microphone").getByText("Works").waitFor();
});

it("says of a page that came over plain HTTP that this is why there is neither microphone nor camera", async () => {
  const page = await checked({ insecure: true });
  const mend = "Open the portal by its https:// address.";
  expect(await wordsOf(page, "Secure page")).toMatch(/The page came over plain HTTP\.[\s\S]*Does not work/);
  for (const name of ["Secure page", "Microphone", "Camera", "Notifications"]) {
    expect(await wordsOf(page, name)).toContain(mend);
    expect(await wordsOf(page, name)).not.toContain("icon left of the address");
  }
});

it("sees that the platform answers by UDP, from the packet that came back", async () => {
  const stun = await startStun(ownAddress(), true);
  const page = await checked({ api: { "/api/check": { iceServers: [{ urls: [stun.url] }] } } });
  expect(await wordsOf(page, "Sound and picture by UDP")).toMatch(/The platform answers by UDP\.\s+Works/);
  stun.close();
});

it("sees that UDP does not come through, and says which ports have to be opened", async () => {
  const stun = await startStun(ownAddress(), false);
  const page = await checked({ api: { "/api/check": { iceServers: [{ urls: [stun.url] }] } } });
  const words = await wordsOf(page, "Sound and picture by UDP");
  expect(words).toContain("No answer came back by UDP.");
  expect(words).toContain("to port 3478 and the media port of the platform");
  expect(words).toContain("Does not work");
  stun.close();
});

it("does not claim that UDP works where the platform did not say what to try", async () => {
  const page = await checked();
  expect(await wordsOf(page, "Sound and picture by UDP")).toMatch(
    /The platform did not say what to try\.[\s\S]*Does not work/,
  );
});
