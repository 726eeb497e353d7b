import type { Rule } from "../../schema/check.ts";
import { advice, rule } from "../../schema/check.ts";
import type { WorkloadIdentity } from "../identity.ts";
import { identity } from "../identity.ts";
import { secret } from "../secret.ts";
import { service } from "../service.ts";
import { task } from "../task.ts";
import { vault } from "../vault.ts";
import { repeated } from "./repeated.ts";

const isDefault = ({ Name }: WorkloadIdentity) => Name === "" || Name === "default";

/** Identities, secrets and tokens. */
export const credentialRules: readonly Rule[] = [
  rule(
    identity,
    "Name",
    ({ Name }) =>
      !/^[a-zA-Z0-9_-]{0,128}$/.test(Name) &&
      `Invalid name ${JSON.stringify(Name)}: at most 128 letters, digits, "-" and "_".`,
  ),
  rule(
    identity,
    "Audience",
    ({ Audience }) => Audience.includes("") && "An empty string is an invalid audience.",
  ),
  rule(
    identity,
    "ChangeSignal",
    ({ ChangeMode, ChangeSignal }) =>
      ChangeMode !== "signal" &&
      ChangeSignal !== "" &&
      'change_signal can only be used with change_mode = "signal".',
  ),
  rule(
    identity,
    "ChangeSignal",
    ({ ChangeMode, ChangeSignal }) =>
      ChangeMode === "signal" && ChangeSignal === "" && 'change_mode = "signal" needs change_signal.',
  ),
  rule(
    identity,
    "TTL",
    (value, place) =>
      value.TTL > 0 &&
      isDefault(value) &&
      place.around(service) === null &&
      "The default identity has no ttl.",
  ),
  rule(identity, "TTL", ({ TTL }) => TTL < 0 && "ttl must be at least 0."),
  rule(
    identity,
    "Filepath",
    ({ File, Filepath }) => Filepath !== "" && !File && "filepath needs file = true.",
  ),
  advice(
    identity,
    "Audience",
    ({ Audience }) =>
      Audience.length === 0 && "Identities without an audience are insecure: name whom the identity is for.",
  ),
  advice(
    identity,
    "TTL",
    (value) =>
      value.TTL === 0 && !isDefault(value) && "Identities without an expiration are insecure: give a ttl.",
  ),
  rule(
    service,
    "Identity",
    ({ Identity }) =>
      Identity?.Audience.length === 0 && "A service's identity must provide at least one audience (aud).",
  ),
  rule(task, "Identities", ({ Identities }) =>
    repeated(Identities, "Identities", ({ Name }) => Name, "identity"),
  ),
  rule(task, "Secrets", ({ Secrets }) => repeated(Secrets, "Secrets", ({ Name }) => Name, "secret")),
  rule(
    task,
    "Secrets",
    ({ Secrets, Vault }) =>
      Vault === null &&
      Secrets.some(({ Provider }) => Provider === "vault") &&
      'A secret of provider "vault" needs a vault block.',
  ),
  rule(
    secret,
    "Name",
    ({ Name }) =>
      !/^\w{1,128}$/.test(Name) &&
      `Invalid name ${JSON.stringify(Name)}: at most 128 letters, digits and "_".`,
  ),
  rule(secret, "Provider", ({ Provider }) => Provider === "" && "A secret needs a provider."),
  rule(secret, "Path", ({ Path }) => Path === "" && "A secret needs a path."),
  rule(
    secret,
    "Env",
    ({ Provider, Env }) =>
      isBuiltIn(Provider) &&
      Object.keys(Env).length > 0 &&
      `The provider ${Provider} cannot use the env block.`,
  ),
  rule(
    secret,
    "Config",
    ({ Provider, Config }) =>
      Provider !== "" &&
      !isBuiltIn(Provider) &&
      Object.keys(Config).length > 0 &&
      "A plugin as provider cannot use the config block.",
  ),
  rule(
    vault,
    "ChangeSignal",
    ({ ChangeMode, ChangeSignal }) =>
      ChangeMode === "signal" && ChangeSignal === "" && 'change_mode = "signal" needs change_signal.',
  ),
];

function isBuiltIn(provider: string): boolean {
  return provider === "nomad" || provider === "vault";
}
