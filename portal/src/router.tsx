/** Every page's address. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { auditKinds } from "#core/access/audit-kinds.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import { doorsQuery, meQuery } from "./api/queries.ts";
import { isSignedOut, isWithoutOrganisation } from "./api/request.ts";
import type { AuditSearch } from "./audit/audit-filter.ts";
import { CallsProvider } from "./calls/CallsProvider.tsx";
import { type DevicePart, deviceParts } from "./devices/parts.ts";
import { DoorsPage } from "./doors/DoorsPage.tsx";
import { type HistorySearch, outcomes, spans } from "./history/history-filter.ts";
import { useMe } from "./shell/me.ts";
import { NotFound, PageError } from "./shell/PageError.tsx";
import { Shell } from "./shell/Shell.tsx";
import { wayBack } from "./sign-in/next.ts";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
type Search = Record<string, unknown>;
const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value);

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

/** Who is not signed in does so, and comes back. */
async function onlySignedIn({ context, location }: { context: { queries: QueryClient }; location: { href: string } }) {
  try {
    await context.queries.ensureQueryData(meQuery);
  } catch (error) {
    if (isSignedOut(error)) throw redirect({ to: "/sign-in", search: { next: wayBack(location.href) } });
    if (isWithoutOrganisation(error)) throw redirect({ to: "/no-organisation" });
    throw error;
  }
}

/** What only a signed-in person sees, with the calls above it. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: onlySignedIn,
  component: SignedIn,
});

/** Another organisation is another house: its calls, doors and pages begin anew. */
function SignedIn() {
  const { organisation } = useMe();
  return (
    <CallsProvider key={organisation.id}>
      <Shell />
    </CallsProvider>
  );
}

const doors = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  validateSearch: (search: Search): { site?: string; show?: "favourites" } => ({
    site: text(search.site),
    show: search.show === "favourites" ? "favourites" : undefined,
  }),
  loader: ({ context }) => void context.queries.prefetchQuery(doorsQuery),
  component: DoorsPage,
});

const history = createRoute({
  getParentRoute: () => signedIn,
  path: "/history",
  validateSearch: (search: Search): HistorySearch => ({
    show: oneOf(["missed", "opened"] as const, search.show),
    search: text(search.search),
    last: oneOf(spans, search.last),
    site: text(search.site),
    outcome: oneOf(outcomes, search.outcome),
    by: text(search.by),
  }),
  component: lazyRouteComponent(() => import("./history/HistoryPage.tsx"), "HistoryPage"),
});
const call = createRoute({
  getParentRoute: () => history,
  path: "$callId",
  component: lazyRouteComponent(() => import("./history/CallDetail.tsx"), "CallDetailPane"),
});

const devices = createRoute({
  getParentRoute: () => signedIn,
  path: "/devices",
  validateSearch: (search: Search): { show?: "online" | "offline" | "needs"; search?: string; site?: string } => ({
    show: oneOf(["online", "offline", "needs"] as const, search.show),
    search: text(search.search),
    site: text(search.site),
  }),
  component: lazyRouteComponent(() => import("./devices/DevicesPage.tsx"), "DevicesPage"),
});
const device = createRoute({
  getParentRoute: () => signedIn,
  path: "/devices/$deviceId",
  validateSearch: (search: Search): { part?: DevicePart } => ({ part: oneOf(deviceParts, search.part) }),
  component: lazyRouteComponent(() => import("./devices/DevicePage.tsx"), "DevicePage"),
});

const firmware = createRoute({
  getParentRoute: () => signedIn,
  path: "/firmware",
  component: lazyRouteComponent(() => import("./firmware/FirmwarePage.tsx"), "FirmwarePage"),
});
const rollout = createRoute({
  getParentRoute: () => signedIn,
  path: "/firmware/$rolloutId",
  component: lazyRouteComponent(() => import("./firmware/RolloutPage.tsx"), "RolloutPage"),
});

const people = createRoute({
  getParentRoute: () => signedIn,
  path: "/people",
  validateSearch: (search: Search): { role?: Role; search?: string } => ({
    role: oneOf(role.options, search.role),
    search: text(search.search),
  }),
  component: lazyRouteComponent(() => import("./people/PeoplePage.tsx"), "PeoplePage"),
});
const person = createRoute({
  getParentRoute: () => people,
  path: "$userId",
  component: lazyRouteComponent(() => import("./people/PersonPane.tsx"), "PersonPane"),
});
const teams = createRoute({ getParentRoute: () => people, path: "teams", component: Outlet });
const team = createRoute({
  getParentRoute: () => teams,
  path: "$teamId",
  component: lazyRouteComponent(() => import("./people/TeamPane.tsx"), "TeamPane"),
});
const audit = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit",
  validateSearch: (search: Search): AuditSearch => ({
    by: text(search.by),
    kind: oneOf(auditKinds, search.kind),
    from: text(search.from),
    until: text(search.until),
  }),
  component: lazyRouteComponent(() => import("./audit/AuditPage.tsx"), "AuditPage"),
});

const claim = createRoute({
  getParentRoute: () => signedIn,
  path: "/claim",
  validateSearch: (search: Search): { claim?: string } => ({ claim: text(search.claim) }),
  component: lazyRouteComponent(() => import("./claim/ClaimPage.tsx"), "ClaimPage"),
});

const check = createRoute({
  getParentRoute: () => signedIn,
  path: "/check",
  component: lazyRouteComponent(() => import("./calls/check/CheckPage.tsx"), "CheckPage"),
});

const outside = <const Path extends string, T>(path: Path, validateSearch: (search: Search) => T) =>
  ({ getParentRoute: () => root, path, validateSearch }) as const;

/** The page to go on with, and whose address it is about. */
const beforeSignIn = (search: Search): { next?: string; email?: string } => ({
  next: text(search.next),
  email: text(search.email),
});

const signIn = createRoute({
  ...outside("/sign-in", beforeSignIn),
  component: lazyRouteComponent(() => import("./sign-in/SignIn.tsx"), "SignIn"),
});
const signUp = createRoute({
  ...outside("/sign-up", beforeSignIn),
  component: lazyRouteComponent(() => import("./sign-in/SignUp.tsx"), "SignUp"),
});
const verify = createRoute({
  ...outside("/verify", (search): { error?: string; next?: string } => ({
    error: text(search.error),
    next: text(search.next),
  })),
  component: lazyRouteComponent(() => import("./sign-in/Verified.tsx"), "Verified"),
});
const forgotten = createRoute({
  ...outside("/forgotten", (search): { email?: string } => ({ email: text(search.email) })),
  component: lazyRouteComponent(() => import("./sign-in/Forgotten.tsx"), "Forgotten"),
});
const reset = createRoute({
  ...outside("/reset", (search): { token?: string; error?: string } => ({
    token: text(search.token),
    error: text(search.error),
  })),
  component: lazyRouteComponent(() => import("./sign-in/Reset.tsx"), "Reset"),
});

const invitation = createRoute({
  ...outside("/invitation", () => ({})),
  component: lazyRouteComponent(() => import("./invitation/InvitationPage.tsx"), "InvitationPage"),
});
const transfer = createRoute({
  ...outside("/transfer", () => ({})),
  beforeLoad: onlySignedIn,
  component: lazyRouteComponent(() => import("./transfer/TransferPage.tsx"), "TransferPage"),
});
const noOrganisation = createRoute({
  ...outside("/no-organisation", () => ({})),
  component: lazyRouteComponent(() => import("./invitation/NoOrganisation.tsx"), "NoOrganisation"),
});

const tree = root.addChildren([
  signIn,
  signUp,
  verify,
  forgotten,
  reset,
  invitation,
  transfer,
  noOrganisation,
  signedIn.addChildren([
    doors,
    history.addChildren([call]),
    devices,
    device,
    firmware,
    rollout,
    people.addChildren([person, teams.addChildren([team])]),
    audit,
    claim,
    check,
  ]),
]);

export const createPortalRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}
