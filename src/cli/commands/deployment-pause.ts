import { deploymentCommand } from "../change-deployment.ts";

export default deploymentCommand(
  "Lets a deployment rest: nothing more is placed or replaced until it is resumed.",
  { action: "pause", body: { Pause: true }, rests: true },
);
