import { attribute, boolean, notInHcl, object, optional, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const mountOptions = object("mount_options", "How a CSI volume is mounted.", {
  FSType: string("The file system."),
  MountFlags: strings("Flags of the mount."),
});

export type CSIMountOptions = Value<typeof mountOptions>;

export const volume = object("volume", "A volume that the group's tasks may mount.", {
  Name: string("", { hcl: notInHcl }),
  Type: string("`host` or `csi`.", { oneOf: ["host", "csi"] }),
  Source: string("The volume's name on the node."),
  ReadOnly: boolean("Never written to."),
  Sticky: boolean("A replacement gets the same volume."),
  AccessMode: string("Who may use the volume at the same time.", {
    oneOf: [
      "",
      "single-node-writer",
      "single-node-reader-only",
      "single-node-single-writer",
      "single-node-multi-writer",
      "multi-node-reader-only",
      "multi-node-single-writer",
      "multi-node-multi-writer",
    ],
  }),
  AttachmentMode: string("How the volume is attached.", { oneOf: ["", "file-system", "block-device"] }),
  MountOptions: optional(mountOptions),
  PerAlloc: boolean("Each allocation has a volume of its own, named `<source>[<index>]`."),
});

export type VolumeRequest = Value<typeof volume>;

export const volumeMount = object("volume_mount", "Where a task sees a volume of its group.", {
  Volume: string("The label of the group's `volume`."),
  Destination: string("The path inside the task."),
  ReadOnly: boolean("The task may not write."),
  PropagationMode: string("How mounts below it spread.", {
    default: "private",
    oneOf: ["private", "host-to-task", "bidirectional"],
  }),
  SELinuxLabel: string("The label of the mount.", { hcl: attribute("selinux_label") }),
});

export type VolumeMount = Value<typeof volumeMount>;
