/** What a person can do about a server that failed, where its reason does not say so itself. */

interface Advice {
  readonly sign: RegExp;
  /** Undefined: the reason says it. */
  readonly text?: string;
}

const ADVICE: readonly Advice[] = [
  { sign: /\bCheck |\bSet it\b|\bSet another\b|\bRename\b|Did you mean/ },
  { sign: /ENOTFOUND|EAI_AGAIN/, text: "No such host is known: check 'url' and the network." },
  { sign: /ECONNREFUSED|bad port/, text: "Nothing answers there: start the server, or check 'url'." },
  {
    sign: /SSL|TLS|certificate|self-signed/i,
    text: "Its encryption is not understood: check http and https in 'url'; a certificate of one's own is made known with NODE_EXTRA_CA_CERTS.",
  },
  { sign: /HTTP 5\d\d/, text: 'The server itself fails: look into its log, or try again later.' },
  {
    sign: /HTTP 4\d\d|Error POSTing|content type/,
    text: "What answers there is no MCP server, or another path of it: check 'url'.",
  },
  {
    sign: /^Its process /,
    text: "Run its command in a terminal to see why; here it gets the variables of 'env' and few others.",
  },
  {
    sign: /did not complete the handshake/,
    text: 'Check that the command is an MCP server, which writes nothing but the protocol to stdout. Where its first start has to fetch something (npx, uvx, docker), run it once in a terminal.',
  },
  { sign: /could not be started/, text: "Check that 'command' names a program that may be executed." },
];

export function withAdvice(reason: string): string {
  const text = ADVICE.find(({ sign }) => sign.test(reason))?.text;
  if (text === undefined) return reason;
  return `${reason}${/[.!?]$/.test(reason) ? '' : '.'} ${text}`;
}
