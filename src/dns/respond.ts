import { type Answer, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED } from "dns-packet";
import { answer, type Directory } from "./answer.ts";
import { forward } from "./forward.ts";

/** Where names are looked for. */
export interface NameSource {
  readonly directory: Directory;
  /** Asks another datacenter, with the message as it came; null where that gives no answer. */
  readonly askDatacenter: (datacenter: string, message: Buffer) => Promise<Buffer | null>;
  /** Name servers for all that is not ours. */
  readonly recursors: readonly string[];
}

/** Bytes: a bound on what a stranger may ask. */
export const LARGEST_QUERY = 4096;

const NO_SUCH_NAME = 3;
const SERVER_FAILURE = 2;
const FORMAT_ERROR = 1;

/** The answer to a message of DNS. Null for what is no question: it is not answered at all. */
export async function respond(
  message: Buffer,
  { directory, askDatacenter, recursors }: NameSource,
): Promise<Buffer | null> {
  const query = read(message);
  const [question] = query?.questions ?? [];
  if (query === null || query.type !== "query") return null;
  if (question === undefined) return encoded(query, [], [], FORMAT_ERROR);
  const result = answer(directory, question.name, question.type);
  switch (result.kind) {
    case "answered":
      return encoded(query, shuffled(result.answers), result.additionals, 0);
    case "no such name":
      return encoded(query, [], [], NO_SUCH_NAME);
    case "datacenter":
      return (await askDatacenter(result.datacenter, message)) ?? encoded(query, [], [], NO_SUCH_NAME);
    case "elsewhere":
      return (await forward(message, recursors)) ?? encoded(query, [], [], SERVER_FAILURE);
  }
}

function read(message: Buffer): Packet | null {
  try {
    return message.length > LARGEST_QUERY ? null : decode(message);
  } catch {
    return null;
  }
}

function encoded(
  query: Packet,
  answers: readonly Answer[],
  additionals: readonly Answer[],
  code: number,
): Buffer {
  const recursion =
    ((query.flags ?? 0) & RECURSION_DESIRED) === 0 ? 0 : RECURSION_DESIRED | RECURSION_AVAILABLE;
  return encode({
    type: "response",
    id: query.id ?? 0,
    flags: (1 << 10) | recursion | code,
    questions: query.questions ?? [],
    answers: [...answers],
    additionals: [...additionals],
  });
}

/** Askers take the first: over many questions every instance should stand first alike. */
function shuffled(answers: readonly Answer[]): Answer[] {
  return answers
    .map((one) => ({ one, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
