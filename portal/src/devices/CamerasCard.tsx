import { Checkbox, PasswordInput, Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconVideo, IconVideoOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CameraChange, CameraShown, DeviceDetail } from "#core/messages/device-api.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { EditDialog } from "./EditDialog.tsx";
import type { ChangeDevice } from "./use-device-change.ts";

interface Props {
  device: DeviceDetail;
  change: ChangeDevice | undefined;
}

/** Other makers' cameras, that the station shows beside or instead of its own picture. */
export function CamerasCard({ device, change }: Props) {
  const { t } = useTranslation("devices");
  const { cameras } = device.configuration;
  const [edited, setEdited] = useState<{ camera?: CameraShown }>();
  return (
    <Card
      title={t("one.cameras.title")}
      add={change && cameras.length < 4 ? { words: t("one.cameras.add"), open: () => setEdited({}) } : undefined}
    >
      {cameras.length === 0 && <p className={styles.none}>{t("one.cameras.none")}</p>}
      <ul className={styles.rows}>
        {cameras.map((camera) => (
          <li key={camera.id}>
            <UnstyledButton
              className={styles.row}
              disabled={!change}
              aria-label={t("one.cameras.edit", { name: camera.name })}
              onClick={() => setEdited({ camera })}
            >
              <span className={styles.key} aria-hidden>
                {camera.silent ? <IconVideoOff size={16} stroke={1.75} /> : <IconVideo size={16} stroke={1.75} />}
              </span>
              <span className={styles.words}>
                <strong>{camera.name}</strong>
                <code title={camera.address}>{camera.address}</code>
                {camera.silent && <em className={styles.silent}>{t(`one.cameras.${camera.notAsked ?? "silent"}`)}</em>}
              </span>
              <span className={styles.end}>{t(`one.cameras.${camera.shown}`)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {edited && change && (
        <EditCamera
          cameras={cameras}
          before={edited.camera}
          virtual={device.virtual}
          close={() => setEdited(undefined)}
          save={(next) => change({ cameras: next })}
        />
      )}
    </Card>
  );
}

/** What of a camera is sent back: not what the station says of it. */
const settable = ({
  hasPassword: _hasPassword,
  silent: _silent,
  notAsked: _notAsked,
  ...camera
}: CameraShown): CameraChange => camera;

interface EditProps {
  cameras: CameraShown[];
  before: CameraShown | undefined;
  /** The virtual station: it stands in nobody's network. */
  virtual: boolean;
  close: () => void;
  save: (next: CameraChange[]) => Promise<unknown>;
}

function EditCamera({ cameras, before, virtual, close, save }: EditProps) {
  const { t } = useTranslation("devices");
  const [camera, setCamera] = useState<CameraChange>(
    before ? settable(before) : { id: crypto.randomUUID(), name: "", address: "rtsps://", shown: "beside" },
  );
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const set = (part: Partial<CameraChange>) => setCamera({ ...camera, ...part });
  const others = cameras.filter((one) => one !== before).map(settable);
  const kept = before?.hasPassword === true && before.address === camera.address;
  const given = user !== "" || password !== "";
  return (
    <EditDialog
      title={before ? t("one.cameras.edit", { name: before.name }) : t("one.cameras.new")}
      close={close}
      save={() => save([...others, given ? { ...camera, credentials: { user, password } } : camera])}
      remove={before && { words: t("one.cameras.remove"), go: () => save(others) }}
    >
      <TextInput
        label={t("one.name")}
        required
        maxLength={200}
        data-autofocus
        value={camera.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label={t("one.cameras.address")}
        description={t(virtual ? "one.cameras.publicHelp" : "one.cameras.addressHelp")}
        required
        type="url"
        maxLength={500}
        value={camera.address}
        onChange={(event) => set({ address: event.currentTarget.value })}
      />
      <TextInput
        label={t("one.cameras.user")}
        autoComplete="off"
        maxLength={64}
        required={given}
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("one.cameras.password")}
        description={t(kept ? "one.cameras.passwordKept" : "one.cameras.passwordHelp")}
        autoComplete="new-password"
        maxLength={128}
        required={given}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("one.cameras.showPassword") }}
      />
      {kept && !given && (
        <Checkbox
          label={t("one.cameras.forget")}
          checked={camera.credentials === null}
          onChange={(event) => set({ credentials: event.currentTarget.checked ? null : undefined })}
        />
      )}
      <Select
        label={t("one.cameras.shown")}
        allowDeselect={false}
        value={camera.shown}
        onChange={(value) => set({ shown: value === "instead" ? "instead" : "beside" })}
        data={[
          { value: "beside", label: t("one.cameras.beside") },
          { value: "instead", label: t("one.cameras.instead") },
        ]}
      />
    </EditDialog>
  );
}
