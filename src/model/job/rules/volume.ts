import type { Finding, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { csiPlugin } from "../csi.ts";
import { group } from "../group.ts";
import { job } from "../job.ts";
import { task } from "../task.ts";
import type { VolumeRequest } from "../volume.ts";
import { volume, volumeMount } from "../volume.ts";

export const volumeRules: readonly Rule[] = [
  rule(volume, "Source", ({ Source }) => Source === "" && "The volume has an empty source."),
  rule(
    volume,
    "PerAlloc",
    ({ PerAlloc }, place) =>
      PerAlloc &&
      /^sys/.test(place.around(job)?.Type ?? "") &&
      "A volume cannot be per_alloc in system or sysbatch jobs.",
  ),
  rule(
    volume,
    "PerAlloc",
    ({ PerAlloc }, place) =>
      PerAlloc &&
      (place.around(group)?.Update?.Canary ?? 0) > 0 &&
      "A volume cannot be per_alloc when canaries are in use.",
  ),
  rule(
    volume,
    "PerAlloc",
    ({ PerAlloc, Sticky }) =>
      PerAlloc && Sticky && "A volume cannot be per_alloc and sticky at the same time.",
  ),
  rule(volume, null, (value, place) =>
    value.Type === "csi"
      ? csiFindings(value, place.around(group)?.Count ?? 0)
      : value.Type === "host" && hostFindings(value),
  ),
  rule(volume, "Type", ({ Type }) => Type === ("" as string) && 'A volume needs a type: "host" or "csi".'),
  rule(task, "VolumeMounts", ({ VolumeMounts }, place) => {
    const known = place.around(group)?.Volumes ?? {};
    return VolumeMounts.flatMap(({ Volume }, index) =>
      Object.hasOwn(known, Volume)
        ? []
        : [
            {
              at: ["VolumeMounts", index, "Volume"],
              detail: `The group has no volume ${JSON.stringify(Volume)}.`,
            },
          ],
    );
  }),
  rule(
    volumeMount,
    "SELinuxLabel",
    ({ SELinuxLabel }) =>
      !["", "z", "Z"].includes(SELinuxLabel) && 'selinux_label is "z" (shared) or "Z" (private).',
  ),
  rule(csiPlugin, "ID", ({ ID }) => ID === "" && "A storage plugin needs an id."),
  rule(
    csiPlugin,
    "StagePublishBaseDir",
    ({ MountDir, StagePublishBaseDir }) =>
      `${StagePublishBaseDir}/`.startsWith(`${MountDir}/`) &&
      "stage_publish_base_dir must not lie below mount_dir.",
  ),
];

const writersOnOneNode = ["", "single-node-writer", "single-node-single-writer", "single-node-multi-writer"];

function hostFindings({ MountOptions, AccessMode, ReadOnly }: VolumeRequest): Finding[] {
  return findings([
    MountOptions !== null && ["MountOptions", "Host volumes cannot have mount options."],
    AccessMode === "single-node-reader-only" &&
      !ReadOnly && ["AccessMode", `${AccessMode} volumes must be read-only.`],
    ![...writersOnOneNode, "single-node-reader-only"].includes(AccessMode) && [
      "AccessMode",
      `Host volumes cannot be mounted with access mode ${AccessMode}.`,
    ],
  ]);
}

function csiFindings(value: VolumeRequest, count: number): Finding[] {
  const { AttachmentMode, AccessMode, MountOptions, ReadOnly, PerAlloc } = value;
  const shared = count > 1 && !PerAlloc;
  return findings([
    AttachmentMode === "" && ["AttachmentMode", "CSI volumes must have an attachment_mode."],
    AttachmentMode === "block-device" &&
      MountOptions !== null && ["MountOptions", "Block devices cannot have mount options."],
    AccessMode === "" && ["AccessMode", "CSI volumes must have an access_mode."],
    AccessMode.endsWith("reader-only") &&
      !ReadOnly && ["AccessMode", `${AccessMode} volumes must be read-only.`],
    AccessMode === "single-node-reader-only" &&
      shared && ["AccessMode", "This access mode allows only one reader."],
    AccessMode === "single-node-writer" &&
      shared && ["AccessMode", "This access mode allows only one reader or writer."],
    AccessMode === "multi-node-single-writer" &&
      !ReadOnly &&
      shared && ["AccessMode", "This access mode allows only one writer."],
  ]);
}

function findings(found: readonly (false | readonly [field: string, detail: string])[]): Finding[] {
  return found.flatMap((finding) => (finding === false ? [] : [{ at: [finding[0]], detail: finding[1] }]));
}
