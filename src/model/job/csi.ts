import { attribute, duration, object, string } from "../schema/builders.ts";
import { second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

export const csiPlugin = object("csi_plugin", "Makes the task a storage plugin.", {
  ID: string("The plugin's name."),
  Type: string("", { oneOf: ["node", "controller", "monolith"] }),
  MountDir: string("Where the plugin finds its socket.", { default: "/csi", hcl: attribute("mount_dir") }),
  StagePublishBaseDir: string("Where volumes are staged and published.", { default: "/local/csi" }),
  HealthTimeout: duration("How long the plugin may take to become healthy.", {
    default: 30 * second,
    zeroIsAbsent: true,
  }),
});

export type TaskCSIPluginConfig = Value<typeof csiPlugin>;
