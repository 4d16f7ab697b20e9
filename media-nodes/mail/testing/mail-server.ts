/** A mail server for tests: it takes mails for anyone from whoever signs in over TLS (RFC 5321, 3207, 4954), and keeps them. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { TLSSocket } from "node:tls";

export interface TakenMail {
  from: string;
  to: string[];
  /** Header and body as they were sent, with the dots unstuffed (§4.5.2). */
  data: string;
  /** Whether it came over TLS. */
  secure: boolean;
  /** Who had signed in. */
  user: string | undefined;
}

export interface MailServerOptions {
  /** PEM. Without it there is no TLS. */
  certificate?: { cert: string; key: string };
  /** True: TLS from the first octet on. False: by STARTTLS. */
  implicit: boolean;
  /** Who may send. Nobody need sign in without it. */
  account?: { user: string; password: string };
  /** What is said to whom a mail is for, where it is not taken. */
  refuses?: Readonly<Record<string, string>>;
}

export interface MailServer {
  port: number;
  taken: TakenMail[];
  /** Every command that was said in the clear, its verb first. */
  saidInTheClear: string[];
  /** The first mail to that address, whether it came or comes. */
  mailTo(address: string): Promise<TakenMail>;
  close(): void;
}

const angle = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? "";

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { certificate, implicit, account, refuses = {} } = options;
  const taken: TakenMail[] = [];
  const saidInTheClear: string[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();

  function converse(socket: Socket, greet: boolean): void {
    const secure = socket instanceof TLSSocket;
    const say = (...lines: string[]) => socket.write(lines.map((line) => `${line}\r\n`).join(""));
    const offers = certificate && !secure ? "250-STARTTLS" : "250-PIPELINING";
    let user: string | undefined;
    let envelope = { from: "", to: [] as string[] };
    let body: string[] | undefined;
    const lines = createInterface({ input: socket });
    socket.on("error", () => socket.destroy());
    if (greet) say("220 mail.test ESMTP");

    function command(line: string): void {
      const verb = line.split(/[ :]/)[0]?.toUpperCase();
      if (!secure) saidInTheClear.push(line);
      if (verb === "EHLO") say("250-mail.test", offers, "250 AUTH PLAIN");
      else if (verb === "STARTTLS" && certificate && !secure) {
        lines.close();
        lines.removeAllListeners();
        say("220 go ahead");
        converse(new TLSSocket(socket, { isServer: true, ...certificate }), false);
      } else if (verb === "AUTH") {
        const [, name, password] = Buffer.from(line.split(" ")[2] ?? "", "base64")
          .toString()
          .split("\0");
        if (name !== account?.user || password !== account?.password) return void say("535 5.7.8 wrong");
        user = name;
        say("235 2.7.0 welcome");
      } else if (verb === "MAIL" && account && user === undefined) say("530 5.7.0 sign in first");
      else if (verb === "MAIL") {
        envelope = { from: angle(line), to: [] };
        say("250 2.1.0 from");
      } else if (verb === "RCPT") {
        const refused = refuses[angle(line)];
        if (!refused) envelope.to.push(angle(line));
        say(refused ?? "250 2.1.5 to");
      } else if (verb === "DATA") {
        body = [];
        say("354 end with a dot");
      } else if (verb === "QUIT") {
        say("221 2.0.0 bye");
        socket.end();
      } else say("502 5.5.1 not known");
    }

    lines.on("line", (line) => {
      if (!body) return command(line);
      if (line !== ".") return void body.push(line.replace(/^\./, ""));
      taken.push({ ...envelope, data: body.join("\n"), secure, user });
      body = undefined;
      say("250 2.0.0 taken");
      for (const look of waiting) look();
    });
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    converse(implicit && certificate ? new TLSSocket(socket, { isServer: true, ...certificate }) : socket, true);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    saidInTheClear,
    mailTo: (address) =>
      new Promise((resolve) => {
        const look = () => {
          const found = taken.find(({ to }) => to.includes(address));
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
