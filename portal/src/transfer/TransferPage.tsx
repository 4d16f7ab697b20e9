import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { type ClaimCode, claimCode } from "#core/device/claim-code.ts";
import { signOut } from "../api/auth.ts";
import { offeredQuery } from "../api/transfer-queries.ts";
import { Delayed } from "../design/Delayed.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { useFragment, withFragment } from "../fragment.ts";
import { useMe } from "../shell/me.ts";
import { wayBack } from "../sign-in/next.ts";
import { Note, SignInPage } from "../sign-in/SignInPage.tsx";
import { useProblem } from "../sign-in/use-problem.ts";
import { EnterOffer } from "./EnterOffer.tsx";
import { type End, endBy } from "./ends.ts";
import { Offered } from "./Offered.tsx";

/** Where the link in an offer's mail leads, and whoever was given a code enters it. */
export function TransferPage() {
  const { code } = useFragment();
  const whole = claimCode.safeParse(code);
  if (!may(useMe().role, "receive-device")) return <Ended how="not-allowed" />;
  return whole.success ? <OfCode key={whole.data} code={whole.data} /> : <EnterOffer cutOff={code !== undefined} />;
}

function OfCode({ code }: { code: ClaimCode }) {
  const { t } = useTranslation("transfer");
  const { data, error, refetch } = useQuery(offeredQuery(code));
  const how = endBy(error);
  if (how) return <Ended how={how} />;
  if (data) return <Offered code={code} device={data} />;
  return (
    <SignInPage title={t("loading")}>
      {error ? (
        <ErrorState title={t("failed")} error={error} again={() => void refetch()} />
      ) : (
        <Delayed>
          <Skeleton height={148} radius="lg" />
          <Skeleton height={52} />
        </Delayed>
      )}
    </SignInPage>
  );
}

/** Why nothing can be taken here, and what to do. */
function Ended({ how }: { how: End }) {
  const { t } = useTranslation("transfer");
  const { user, organisation } = useMe();
  return (
    <SignInPage
      title={t(`end.${how}.title`)}
      text={t(`end.${how}.text`, { reader: user.email, organisation: organisation.name })}
    >
      {how === "other-address" && <UseOther />}
      <Button component={Link} to="/" size={how === "other-address" ? "md" : "lg"} fullWidth variant="default">
        {t("doors")}
      </Button>
    </SignInPage>
  );
}

/** Signs out, in again with the address it went to, and leads back here. */
function UseOther() {
  const { t } = useTranslation("transfer");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { code = "" } = useFragment();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: "/sign-in", search: { next: wayBack(withFragment("/transfer", { code })) } });
      queries.clear();
    },
  });
  const problem = useProblem(leave.error);
  return (
    <>
      {problem && <Note>{problem.text}</Note>}
      <Button size="lg" fullWidth autoFocus loading={leave.isPending} onClick={() => leave.mutate()}>
        {t("useOther")}
      </Button>
    </>
  );
}
