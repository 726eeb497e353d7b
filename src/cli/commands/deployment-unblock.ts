import { deploymentCommand } from "../change-deployment.ts";

export default deploymentCommand("Lets a deployment that waits for other regions go on.", {
  action: "unblock",
});
