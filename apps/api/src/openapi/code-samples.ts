import { inspect } from "node:util";
import { EXAMPLE } from "@fanfare/domain";
import type { Route } from "../route.js";
import { exampleTarget } from "./example-target.js";

/** How an operation is called (the extension `x-codeSamples`, which viewers show beside it). */
export interface CodeSample {
  lang: string;
  label: string;
  source: string;
}

/** A call of an operation, as its samples write it. */
interface SampleCall {
  method: string;
  /** With its parameters filled in, and its query. */
  path: string;
  url: string;
  body?: object | undefined;
  /** Who calls; absent: nobody needs to say who. */
  login?: Login | undefined;
  contentType: string | undefined;
}

/** What credentials are called, in the environment. */
interface Login {
  user: string;
  password: string;
}

const ACCOUNT: Login = { user: "FANFARE_ACCOUNT_ID", password: "FANFARE_AUTH_TOKEN" };
const OPERATOR: Login = { user: "admin", password: "FANFARE_ADMIN_PASSWORD" };

/** The languages of samples, in their order. */
export const SAMPLE_LANGUAGES = [
  { lang: "bash", label: "curl" },
  { lang: "typescript", label: "TypeScript" },
  { lang: "bash", label: "CLI" },
] as const;

/** The samples of a route, in each of {@link SAMPLE_LANGUAGES}. */
export function codeSamples(route: Route): CodeSample[] {
  const call = toCall(route);
  return SAMPLE_LANGUAGES.map((language) => ({ ...language, source: WRITERS[language.label](call) }));
}

function toCall(route: Route): SampleCall {
  const { method, access, example: body, answers } = route;
  const path = exampleTarget(route);
  const login = access === "anyone" ? undefined : access === "operator" ? OPERATOR : ACCOUNT;
  const { contentType = "application/json", schema } = answers[0] ?? {};
  const url = `${EXAMPLE.baseUrl}${path}`;
  return { method: method.toUpperCase(), path, url, body, login, contentType: schema && contentType };
}

/** A word of a POSIX shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Whether a path is one of the account that calls, whose id need not be looked up. */
const isOfCaller = (text: string, login: Login | undefined) => login === ACCOUNT && text.includes(EXAMPLE.ids.account);

function shellTarget(text: string, login: Login | undefined): string {
  if (isOfCaller(text, login)) return `"${text.replaceAll(EXAMPLE.ids.account, `$${ACCOUNT.user}`)}"`;
  return /[?&]/.test(text) ? quoted(text) : text;
}

function stringLiteral(text: string, login: Login | undefined): string {
  if (!isOfCaller(text, login)) return `'${text}'`;
  return `\`${text.replaceAll(EXAMPLE.ids.account, `\${process.env.${ACCOUNT.user}}`)}\``;
}

const STREAM = "text/event-stream";

function curl({ method, url, body, login, contentType }: SampleCall): string {
  const isImplied = method === (body ? "POST" : "GET");
  const user = login && (login === OPERATOR ? login.user : `$${login.user}`);
  const head = ["curl", ...(contentType === STREAM ? ["-N"] : []), ...(isImplied ? [] : [`-X ${method}`])].join(" ");
  const target = shellTarget(url, login);
  const data = body && ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body, undefined, 2))}`];
  const lines = login ? [`${head} -u "${user}:$${login.password}"`, target] : [`${head} ${target}`];
  return [...lines, ...(data ?? [])].join(" \\\n  ");
}

/** A value as JavaScript, on the lines after the first as far in as the first one. */
const literal = (value: object) =>
  inspect(value, { depth: Number.POSITIVE_INFINITY, breakLength: 80 }).replaceAll("\n", "\n  ");

function typescript({ method, url, body, login, contentType }: SampleCall): string {
  const user = login && (login === OPERATOR ? login.user : `\${process.env.${login.user}}`);
  const headers = [
    ...(login ? [`authorization: \`Basic \${btoa(\`${user}:\${process.env.${login.password}}\`)}\`,`] : []),
    ...(body ? ["'content-type': 'application/json',"] : []),
  ];
  const options = [
    ...(method === "GET" ? [] : [`method: '${method}',`]),
    ...(headers.length > 0 ? [`headers: {\n    ${headers.join("\n    ")}\n  },`] : []),
    ...(body ? [`body: JSON.stringify(${literal(body)}),`] : []),
  ];
  const init = options.length > 0 ? `, {\n  ${options.join("\n  ")}\n}` : "";
  return [
    `const response = await fetch(${stringLiteral(url, login)}${init});`,
    "if (!response.ok) throw new Error(await response.text());",
    readAnswer(contentType),
  ].join("\n");
}

function readAnswer(contentType: string | undefined): string {
  if (contentType === undefined) return "console.log(response.status);";
  if (contentType !== STREAM) return "console.log(await response.json());";
  return "for await (const events of response.body!.pipeThrough(new TextDecoderStream())) console.log(events);";
}

function cli({ method, path, body, login }: SampleCall): string {
  const isImplied = method === (body ? "POST" : "GET");
  return [
    // Without what is installed here nothing is fetched of that name from elsewhere.
    `FANFARE_URL=${EXAMPLE.baseUrl} npx --no -- fanfare api`,
    [
      shellTarget(path, login),
      ...(isImplied ? [] : [`--method ${method}`]),
      ...(login === OPERATOR ? ["--operator"] : []),
    ].join(" "),
    ...(body ? [`--data ${quoted(JSON.stringify(body))}`] : []),
  ].join(" \\\n  ");
}

const WRITERS = { curl, TypeScript: typescript, CLI: cli };
