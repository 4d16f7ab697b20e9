import { Button } from "@mantine/core";
import { IconCalendarTime, IconMail, IconUserCircle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Offer } from "#core/messages/people.ts";
import { signOut } from "../api/auth.ts";
import { answerInvitation, offerQuery } from "../api/organisations.ts";
import { withFragment } from "../fragment.ts";
import { useFormat } from "../i18n/format.ts";
import { wayBack } from "../sign-in/next.ts";
import { Note, SignInPage } from "../sign-in/SignInPage.tsx";
import { useProblem } from "../sign-in/use-problem.ts";
import { Fact, Facts, Reader } from "./Facts.tsx";
import styles from "./Invitation.module.css";
import { overBy } from "./over.ts";

/** Who invites to what, as what, and what whoever opened the link can do about it. */
export function Offered({ token, offer }: { token: string; offer: Offer }) {
  const { t } = useTranslation("invitation");
  const { organisation, invitedBy, email, reader } = offer;
  const answer = useAnswer(token);
  if (answer.isSuccess && answer.variables === "decline") {
    return (
      <SignInPage title={t("declined")} text={t("declinedText", { name: invitedBy })}>
        <Button component={Link} to="/" size="lg" fullWidth variant="default">
          {t("doors")}
        </Button>
      </SignInPage>
    );
  }
  return (
    <SignInPage title={t("title", { organisation })} text={t("by", { name: invitedBy })}>
      <Promised offer={offer} />
      {reader?.invited && <Answer reader={reader} answer={answer} />}
      {reader && !reader.invited && <OtherAddress email={email} reader={reader.email} />}
      {!reader && <SignedOut token={token} email={email} />}
    </SignInPage>
  );
}

function Promised({ offer: { role, email, expiresAt } }: { offer: Offer }) {
  const { t } = useTranslation(["invitation", "roles"]);
  const format = useFormat();
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  return (
    <Facts>
      <Fact icon={<IconUserCircle {...icon} />} name={t("role")}>
        <strong>{t(`roles:name.${role}`)}</strong>
        <small>{t(`roles:may.${role}`)}</small>
      </Fact>
      <Fact icon={<IconMail {...icon} />} name={t("for")}>
        {email}
      </Fact>
      <Fact icon={<IconCalendarTime {...icon} />} name={t("until")}>
        {format.day(expiresAt)}
      </Fact>
    </Facts>
  );
}

type Answering = ReturnType<typeof useAnswer>;

function useAnswer(token: string) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (answer: "accept" | "decline") => answerInvitation(token, answer),
    onSuccess: async (_, answer) => {
      if (answer === "decline") return;
      // Nothing of the organisation that this browser worked in before may show.
      queries.clear();
      await navigate({ to: "/" });
    },
    onError: (error) => {
      if (overBy(error)) void queries.invalidateQueries(offerQuery(token));
    },
  });
}

function Answer({ reader, answer }: { reader: { name: string }; answer: Answering }) {
  const { t } = useTranslation("invitation");
  const problem = useProblem(answer.error);
  const asked = answer.isPending || answer.isSuccess ? answer.variables : undefined;
  return (
    <>
      <Reader name={reader.name} />
      {problem && <Note>{problem.text}</Note>}
      <Button
        size="lg"
        fullWidth
        autoFocus
        loading={asked === "accept"}
        disabled={asked === "decline"}
        onClick={() => answer.mutate("accept")}
      >
        {t("accept")}
      </Button>
      <Button
        size="md"
        fullWidth
        variant="default"
        loading={asked === "decline"}
        disabled={asked === "accept"}
        onClick={() => answer.mutate("decline")}
      >
        {t("decline")}
      </Button>
    </>
  );
}

function OtherAddress({ email, reader }: { email: string; reader: string }) {
  const { t } = useTranslation("invitation");
  const queries = useQueryClient();
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => queries.resetQueries() });
  const problem = useProblem(leave.error);
  return (
    <>
      <Note tone="ring">{t("other", { email, reader })}</Note>
      {problem && <Note>{problem.text}</Note>}
      <Button size="lg" fullWidth autoFocus loading={leave.isPending} onClick={() => leave.mutate()}>
        {t("useOther")}
      </Button>
      <Button size="md" fullWidth variant="default" component={Link} to="/">
        {t("stay")}
      </Button>
    </>
  );
}

/** Signing in or up with the address it went to leads back here. */
function SignedOut({ token, email }: { token: string; email: string }) {
  const { t } = useTranslation("invitation");
  const search = { next: "/invitation", email };
  useEffect(() => void wayBack(withFragment("/invitation", { token })), [token]);
  return (
    <>
      <Button size="lg" fullWidth autoFocus renderRoot={(props) => <Link to="/sign-in" search={search} {...props} />}>
        {t("signIn")}
      </Button>
      <Button
        size="md"
        fullWidth
        variant="default"
        renderRoot={(props) => <Link to="/sign-up" search={search} {...props} />}
      >
        {t("create")}
      </Button>
      <p className={styles.how}>{t("how")}</p>
    </>
  );
}
