import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { withToken } from "#core/messages/people.ts";
import { offerQuery } from "../api/organisations.ts";
import { Delayed } from "../design/Delayed.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { useFragment } from "../fragment.ts";
import { SignInPage } from "../sign-in/SignInPage.tsx";
import { Offered } from "./Offered.tsx";
import { type Over, overBy } from "./over.ts";

/** Where the link in an invitation's mail leads. */
export function InvitationPage() {
  const whole = withToken.safeParse(useFragment());
  return whole.success ? <OfToken key={whole.data.token} token={whole.data.token} /> : <OverPage how="unknown" />;
}

function OfToken({ token }: { token: string }) {
  const { t } = useTranslation("invitation");
  const { data, error, refetch } = useQuery(offerQuery(token));
  const how = overBy(error);
  if (how) return <OverPage how={how} />;
  if (data) return <Offered token={token} offer={data} />;
  return (
    <SignInPage title={t("loading")}>
      {error ? (
        <ErrorState title={t("failed")} error={error} again={() => void refetch()} />
      ) : (
        <Delayed>
          <Skeleton height={164} radius="lg" />
          <Skeleton height={52} />
        </Delayed>
      )}
    </SignInPage>
  );
}

/** What became of the invitation, and what to do. */
function OverPage({ how }: { how: Over }) {
  const { t } = useTranslation("invitation");
  return (
    <SignInPage title={t(`over.${how}.title`)} text={t(`over.${how}.text`)}>
      <Button component={Link} to="/" size="lg" fullWidth variant={how === "accepted" ? "filled" : "default"}>
        {t("doors")}
      </Button>
    </SignInPage>
  );
}
