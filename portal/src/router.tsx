/** Every page's address. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { meQuery } from "./api/queries.ts";
import { isSignedOut } from "./api/request.ts";
import { CallsProvider } from "./calls/CallsProvider.tsx";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

/** What only a signed-in person sees, with the calls above it. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.queries.ensureQueryData(meQuery) };
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: "/sign-in", search: { next: location.href } });
      throw error;
    }
  },
  component: () => (
    <CallsProvider>
      <Outlet />
    </CallsProvider>
  ),
});
const doors = createRoute({ getParentRoute: () => signedIn, path: "/", component: () => <h1>Doors</h1> });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  component: () => <h1>Sign in</h1>,
});

const tree = root.addChildren([signIn, signedIn.addChildren([doors])]);

export const createPortalRouter = (queries: QueryClient) =>
  createRouter({ routeTree: tree, context: { queries }, defaultPreload: "intent", scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}
