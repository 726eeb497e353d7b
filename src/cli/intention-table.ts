import { properties, table } from "./table.ts";

export interface IntentionView {
  readonly ID?: string;
  readonly SourceName: string;
  readonly SourcePeer?: string;
  readonly DestinationName: string;
  /** Absent where permissions decide request by request. */
  readonly Action?: string;
  readonly Permissions?: readonly PermissionView[];
  readonly Precedence: number;
  readonly Description: string;
  readonly Meta: Readonly<Record<string, string>>;
  readonly CreatedAt?: string;
}

interface PermissionView {
  readonly Action: string;
  readonly HTTP: object | null;
  readonly JWT: object | null;
}

export function intentionTable(intentions: readonly IntentionView[]): string[] {
  if (intentions.length === 0) return ["There are no intentions."];
  const hasIds = intentions.some(({ ID }) => ID !== undefined);
  return table(
    [...(hasIds ? ["ID"] : []), "Source", "Action", "Destination", "Precedence"],
    intentions.map((intention) => [
      ...(hasIds ? [intention.ID ?? ""] : []),
      sourceOf(intention),
      actionOf(intention),
      intention.DestinationName,
      String(intention.Precedence),
    ]),
  );
}

export function intentionProperties(intention: IntentionView): string[] {
  const { ID, DestinationName, Permissions = [], Precedence, Description, Meta, CreatedAt } = intention;
  return properties([
    ...(ID === undefined ? [] : [["ID", ID] as const]),
    ["Source", sourceOf(intention)],
    ["Destination", DestinationName],
    ["Action", actionOf(intention)],
    ...Permissions.map((permission, i) => [`Permission ${i + 1}`, permissionText(permission)] as const),
    ["Precedence", String(Precedence)],
    ["Description", Description],
    ...Object.entries(Meta).map(([key, value]) => [`Meta[${key}]`, value] as const),
    ...(CreatedAt === undefined ? [] : [["Created At", CreatedAt] as const]),
  ]);
}

function sourceOf({ SourceName, SourcePeer }: IntentionView): string {
  return SourcePeer === undefined ? SourceName : `${SourceName} of peer ${SourcePeer}`;
}

function actionOf({ Action, Permissions = [] }: IntentionView): string {
  return Action ?? `${Permissions.length} permission${Permissions.length === 1 ? "" : "s"}`;
}

function permissionText({ Action, HTTP, JWT }: PermissionView): string {
  const given = Object.entries({ ...HTTP, ...(JWT && { JWT }) }).filter(([, value]) => !isEmpty(value));
  return [Action, ...given.map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(", ");
}

const isEmpty = (value: unknown) => value === "" || (Array.isArray(value) && value.length === 0);
