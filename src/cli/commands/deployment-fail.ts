import { deploymentCommand } from "../change-deployment.ts";

export default deploymentCommand(
  "Gives a deployment up: its canaries end, and the job goes back to its last good version where its update block says so.",
  { action: "fail" },
);
