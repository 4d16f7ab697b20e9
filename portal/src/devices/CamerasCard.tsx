import { Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconVideo } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Camera } from "#core/device/configuration.ts";
import type { DeviceDetail } from "#core/messages/device-api.ts";
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
  const [edited, setEdited] = useState<{ camera?: Camera }>();
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
                <IconVideo size={16} stroke={1.75} />
              </span>
              <span className={styles.words}>
                <strong>{camera.name}</strong>
                <code>{camera.address}</code>
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
          close={() => setEdited(undefined)}
          save={(next) => change({ cameras: next })}
        />
      )}
    </Card>
  );
}

interface EditProps {
  cameras: Camera[];
  before: Camera | undefined;
  close: () => void;
  save: (next: Camera[]) => Promise<unknown>;
}

function EditCamera({ cameras, before, close, save }: EditProps) {
  const { t } = useTranslation("devices");
  const [camera, setCamera] = useState<Camera>(
    before ?? { id: crypto.randomUUID(), name: "", address: "rtsps://", shown: "beside" },
  );
  const set = (part: Partial<Camera>) => setCamera({ ...camera, ...part });
  const others = cameras.filter((one) => one !== before);
  return (
    <EditDialog
      title={before ? t("one.cameras.edit", { name: before.name }) : t("one.cameras.new")}
      close={close}
      save={() => save([...others, camera])}
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
        description={t("one.cameras.addressHelp")}
        required
        type="url"
        maxLength={500}
        value={camera.address}
        onChange={(event) => set({ address: event.currentTarget.value })}
      />
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
