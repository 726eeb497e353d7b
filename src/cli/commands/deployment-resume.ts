import { deploymentCommand } from "../change-deployment.ts";

export default deploymentCommand("Lets a paused deployment go on.", {
  action: "pause",
  body: { Pause: false },
});
