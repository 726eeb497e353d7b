import type { NotCarriedOut } from "../schema/not-carried-out.ts";
import { notCarriedOut as line } from "../schema/not-carried-out.ts";
import { check } from "./check.ts";
import { connect } from "./connect.ts";
import { consul } from "./consul.ts";
import { disconnect } from "./disconnect.ts";
import { ephemeralDisk } from "./group.ts";
import { identity } from "./identity.ts";
import { job } from "./job.ts";
import { network, port } from "./network.ts";
import { upstream } from "./proxy.ts";
import { resources } from "./resources.ts";
import { service } from "./service.ts";
import { task } from "./task.ts";
import { update } from "./update.ts";
import { volume } from "./volume.ts";

/**
 * What a job may say without anything being done about it, with what does not happen. Validation, `job plan` and
 * `job run` warn of each where it is written, and the documentation says it too. Whoever builds one of these deletes
 * its line.
 */
export const notCarriedOut: readonly NotCarriedOut[] = [
  line(job, "Multiregion", "The job runs in one region."),
  line(job, "UI", "There is no web page that shows it."),

  line(disconnect, "StopOnClientAfter", "The node lets them run."),
  line(ephemeralDisk, "Migrate", "The data stays on its node."),
  line(
    volume,
    "Type",
    "Storage plugins are not used: the allocation finds no place.",
    ({ Type }) => Type === "csi",
  ),
  line(volume, "Sticky", "A replacement may get another volume."),
  line(
    update,
    "Stagger",
    "The next nodes of a system job wait until those before have been healthy for `min_healthy_time`.",
  ),

  line(network, "Device", "The device is chosen by the node."),
  line(network, "CIDR", "The address range is chosen by the node."),
  line(network, "IP", "The address is chosen by the node."),
  line(network, "Mode", "CNI networks are not set up.", ({ Mode }) => Mode.startsWith("cni/")),
  line(network, "CNI", "CNI plugins are not called."),
  line(port, "HostNetwork", "Nodes have no host networks: the allocation finds no place."),

  line(
    service,
    "Identity",
    "No token is made: it would log the service in to Consul, and here the mesh knows a service by its allocation. Give a task an `identity` for a token that others read.",
  ),
  line(service, "Kind", "The service is registered as a plain one."),
  line(check, "Advertise", "The address that is checked is shown."),

  line(connect, "Native", "No certificates are handed to the task."),
  line(upstream, "DestinationNamespace", "Services have no namespaces of their own."),
  line(upstream, "DestinationPartition", "There are no partitions."),
  line(consul, "Namespace", "The catalogue has no namespaces of its own."),
  line(consul, "Partition", "There are no partitions."),

  line(task, "Vault", "No token is fetched from Vault."),
  line(task, "CSIPluginConfig", "Storage plugins are not used."),
  line(task, "ScalingPolicies", "CPU and memory are not scaled."),
  line(task, "Secrets", "Secrets are not fetched."),
  line(task, "Schedule", "The task runs all the time."),
  line(identity, "ExtraClaims", "No claims are added."),
  line(resources, "Devices", "Nodes know of no devices: the allocation finds no place."),
  line(resources, "NUMA", "Memory nodes are not looked at."),
];
