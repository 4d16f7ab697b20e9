import { Button, Select, TextInput } from "@mantine/core";
import { IconBuilding, IconCpu, IconHash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ClaimCode } from "#core/device/claim-code.ts";
import { sitesQuery } from "../api/device-queries.ts";
import { ApiError } from "../api/request.ts";
import { type OfferedDevice, offeredQuery, refuseOffered, takeOffered } from "../api/transfer-queries.ts";
import { Fact, Facts, Reader } from "../invitation/Facts.tsx";
import { useMe } from "../shell/me.ts";
import { Note, Question, SignInPage } from "../sign-in/SignInPage.tsx";
import { useProblem } from "../sign-in/use-problem.ts";
import { endBy } from "./ends.ts";

interface OfferedProps {
  code: ClaimCode;
  device: OfferedDevice;
}

/** Which device is offered by whom, and taking or refusing it. */
export function Offered({ code, device }: OfferedProps) {
  const { t } = useTranslation("transfer");
  const queries = useQueryClient();
  // Somebody else was faster, or it was withdrawn: the page says so.
  const onError = (error: Error) => {
    if (endBy(error)) void queries.invalidateQueries(offeredQuery(code));
  };
  const refuse = useMutation({ mutationFn: () => refuseOffered(code), onError });
  const problem = useProblem(refuse.error);
  const { user, organisation } = useMe();
  if (refuse.isSuccess) {
    return (
      <SignInPage title={t("refused")} text={t("refusedText", { organisation: device.organisation })}>
        <Button component={Link} to="/" size="lg" fullWidth variant="default">
          {t("doors")}
        </Button>
      </SignInPage>
    );
  }
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  return (
    <SignInPage
      title={t("title", { device: device.name })}
      text={t("by", { name: device.by, organisation: organisation.name })}
    >
      <Facts>
        <Fact icon={<IconCpu {...icon} />} name={t("model")}>
          {device.model}
        </Fact>
        <Fact icon={<IconHash {...icon} />} name={t("serial")}>
          {device.serial}
        </Fact>
        <Fact icon={<IconBuilding {...icon} />} name={t("from")}>
          {device.organisation}
        </Fact>
      </Facts>
      <Reader name={user.name} />
      <Taking code={code} device={device} refusing={refuse.isPending} onError={onError} />
      {problem && <Note>{problem.text}</Note>}
      <Button size="md" fullWidth variant="default" loading={refuse.isPending} onClick={() => refuse.mutate()}>
        {t("refuse")}
      </Button>
    </SignInPage>
  );
}

/** What it is to be called here, and where it is to stand. How far it is then, its claim shows. */
function Taking(props: OfferedProps & { refusing: boolean; onError: (error: Error) => void }) {
  const { code, device, refusing, onError } = props;
  const { t } = useTranslation("transfer");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const sites = useQuery(sitesQuery).data ?? [];
  const [name, setName] = useState(device.name);
  const [chosen, choose] = useState<string | null>(null);
  const siteId = chosen ?? sites[0]?.siteId;
  const take = useMutation({
    mutationFn: () => takeOffered({ code, name: name.trim(), siteId }),
    onSuccess: async ({ claimId }) => {
      for (const queryKey of [["devices"], ["doors"]]) void queries.invalidateQueries({ queryKey });
      await navigate({ to: "/claim", search: { claim: claimId } });
    },
    onError,
  });
  const problem = useProblem(take.error);
  const unknown = take.error instanceof ApiError && take.error.code === "unknown-model";
  return (
    <Question
      onSubmit={() => {
        if (name.trim()) take.mutate();
      }}
    >
      <TextInput
        label={t("name")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {sites.length > 0 && (
        <Select
          label={t("site")}
          allowDeselect={false}
          value={siteId ?? null}
          onChange={choose}
          data={sites.map((site) => ({ value: site.siteId, label: site.name }))}
        />
      )}
      {problem && <Note>{unknown ? t("unknownModel", { model: device.model }) : problem.text}</Note>}
      <Button type="submit" size="lg" fullWidth loading={take.isPending || take.isSuccess} disabled={refusing}>
        {t("take")}
      </Button>
    </Question>
  );
}
